/** Name of the cookie that holds the token of a signed-in user. */
export const sessionCookie = "bookstore-session";
