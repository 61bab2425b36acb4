/** Holds the token of a visitor who signed in on the page. */
export const sessionCookie = "bookstore-session";
