/** Records of all models but the books, so that each rule both allows and refuses something. */
export interface SeedRecords {
  readonly orders: readonly object[];
  readonly reviews: readonly object[];
  readonly clubs: readonly object[];
  readonly employees: readonly object[];
  readonly reports: readonly object[];
}

/** @param sub the pool's id of a user, by the name */
export function seedRecords(sub: (username: string) => string): SeedRecords {
  // As the rules store owners: of the user pool by both parts, of the OIDC issuer by the subject.
  const owner = (username: string) => (username === "otto" ? "otto" : `${sub(username)}::${username}`);
  return {
    orders: Array.from({ length: 60 }, (_, index) => ({
      id: String(101 + index),
      bookId: String(101 + ((index * 7) % 40)),
      quantity: 1 + (index % 3),
      note: index % 4 === 0 ? "gift wrap" : null,
      status: index % 2 === 0 ? "open" : "sent",
      owner: owner(buyers[index % buyers.length] ?? "alice"),
    })),
    reviews: reviews.map(([author, stars, text], index) => ({
      id: String(101 + index),
      bookId: String(101 + index * 3),
      stars,
      text,
      author: owner(author),
    })),
    clubs: [
      { id: "101", name: "Friends of the catalogue", members: ["Librarians"] },
      { id: "102", name: "Rhyme and reason", members: ["Poets"] },
      { id: "103", name: "The reading room", members: ["Librarians", "Poets"] },
      { id: "104", name: "A club without members", members: [] },
    ],
    employees: ["libby", "alice", "penny"].map((name, index) => ({
      id: String(101 + index),
      name: name.replace(/^./, (letter) => letter.toUpperCase()),
      email: `${name}@bookstore.example`,
      ssn: `000-00-000${index + 1}`,
      owner: owner(name),
    })),
    reports: [1, 2, 3, 4].map((quarter) => ({
      id: String(100 + quarter),
      title: `Quarter ${quarter}`,
      revenue: 40_000 + quarter * 1250,
      profit: 6000 + quarter * 310,
    })),
  };
}

// alice bought the first three of every five orders.
const buyers = ["alice", "alice", "alice", "bob", "otto"];

const reviews: readonly (readonly [author: string, stars: number, text: string])[] = [
  ["alice", 5, "I read it every spring."],
  ["bob", 3, "The whale comes late."],
  ["alice", 4, "Better than the film."],
  ["otto", 5, "Ein gutes Buch."],
  ["penny", 2, "It does not rhyme."],
  ["libby", 5, "Always on loan, for a reason."],
];
