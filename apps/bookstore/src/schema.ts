import { seedBooks } from "./seed/books.ts";

// One script, run at every start. It is one transaction and waits for others who start on the same server.
// Columns are named as the fields of the models, and ids sort byte by byte on every server.
const tables = `
select pg_advisory_xact_lock(hashtext('bookstore'));

create schema if not exists bookstore;

create table if not exists bookstore.books (
  id text collate "C" primary key,
  title text not null,
  author text not null,
  price double precision not null,
  stock integer not null,
  "costPrice" double precision
);
`;

/** Creates what is missing and fills what is empty. */
export const setUpScript: string = tables + insertIfEmpty("books", seedBooks);

function insertIfEmpty(table: string, rows: readonly object[]): string {
  const json = JSON.stringify(rows).replaceAll("'", "''");
  return `
insert into bookstore.${table}
select * from jsonb_populate_recordset(null::bookstore.${table}, '${json}')
where not exists (select from bookstore.${table});
`;
}
