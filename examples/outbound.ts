import { createAuthFetch, outbound } from "@authmodes/core/outbound";

const suppliers = createAuthFetch(
  outbound.iam({
    region: "us-east-1",
    service: "execute-api",
    // Static, or any credential provider of the AWS SDK.
    credentials: { accessKeyId: "AKIDEXAMPLE", secretAccessKey: process.env["SUPPLIER_SECRET"] ?? "" },
  }),
  { origins: ["https://supplier.example.com"] }, // no other origin gets the headers, redirects included
);

export function order(bookId: string): Promise<Response> {
  return suppliers("https://supplier.example.com/orders", {
    method: "POST",
    body: JSON.stringify({ bookId }),
  });
}
