import { seedBooks } from "./seed/books.ts";
import { seedRecords } from "./seed/records.ts";

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

create table if not exists bookstore.orders (
  id text collate "C" primary key,
  "bookId" text not null,
  quantity integer not null,
  note text,
  status text,
  owner text
);

create table if not exists bookstore.reviews (
  id text collate "C" primary key,
  "bookId" text not null,
  stars integer not null,
  text text,
  author text
);

create table if not exists bookstore.clubs (
  id text collate "C" primary key,
  name text not null,
  members text[]
);

create table if not exists bookstore.employees (
  id text collate "C" primary key,
  name text not null,
  email text not null,
  ssn text,
  owner text
);

create table if not exists bookstore.reports (
  id text collate "C" primary key,
  title text not null,
  revenue double precision not null,
  profit double precision
);

create index if not exists orders_owner on bookstore.orders (owner);
create index if not exists reviews_author on bookstore.reviews (author);
create index if not exists employees_owner on bookstore.employees (owner);
`;

/**
 * Creates what is missing and fills what is empty.
 * @param sub the pool's id of a user, by the name
 */
export function setUpScript(sub: (username: string) => string): string {
  const seed = { books: seedBooks, ...seedRecords(sub) };
  return (
    tables +
    Object.entries(seed)
      .map(([table, rows]) => insertIfEmpty(table, rows))
      .join("")
  );
}

function insertIfEmpty(table: string, rows: readonly object[]): string {
  const json = JSON.stringify(rows).replaceAll("'", "''");
  return `
insert into bookstore.${table}
select * from jsonb_populate_recordset(null::bookstore.${table}, '${json}')
where not exists (select from bookstore.${table});
`;
}
