import { presignDraft, signDraft } from "../sigv4-signer.ts";
import { broken, mismatch, type SignatureCase } from "./case.ts";
import { retarget } from "./drafts.ts";

/** Method, path and query. */
export const pathAndQuery: readonly SignatureCase[] = [
  ...["PUT", "DELETE", "HEAD"].map((method): SignatureCase => ({
    name: `49 ${method} for what was signed as GET`,
    draft: ({ get }) => ({ ...signDraft(get()), method }),
    expects: mismatch,
  })),
  ...[
    ["/books/7", "/books/8"],
    ["/books/7", "/books/7/"],
    ["/books/7", "/Books/7"],
    ["/a%2Fb", "/a/b"],
    ["/a/b", "/a%2Fb"],
    ["/a%2Fb", "/a%252Fb"],
    ["/a%252Fb", "/a%2Fb"],
    ["/a%2Fb", "/a%2fb"],
    ["/a%20b", "/a+b"],
    ["/%41", "/A"],
  ].map(([from = "", to = ""]): SignatureCase => ({
    name: `50, 51 ${to} for what was signed as ${from}`,
    draft: ({ get }) => retarget(signDraft(get(from)), () => to),
    expects: mismatch,
  })),
  ...["/public/../admin", "/./admin", "/admin/.", "/admin/..", "//admin", "/a//admin", "/admin//"].map(
    (target): SignatureCase => ({
      name: `52 ${target}`,
      draft: ({ get }) => signDraft(get(target)),
      expects: broken("path_ambiguous"),
    }),
  ),
  ...["/public/%2e%2e/admin", "/public/.%2E/admin", "/%2e/admin", "/public/%2e%2e"].map(
    (target): SignatureCase => ({
      name: `52 ${target}, also where dots are resolved`,
      on: "normalising",
      draft: ({ get }) => signDraft(get(target)),
      expects: broken("path_ambiguous"),
    }),
  ),
  {
    name: "52 a backslash",
    draft: ({ get }) => signDraft(get("/public\\..\\admin")),
    expects: broken("target_malformed"),
  },
  ...[
    ["/?a=1", "/?a=2"],
    ["/?a=1", "/?a=1&b=2"],
    ["/?a=1&b=2", "/?a=1"],
    ["/", "/?a"],
    ["/?a", "/"],
    ["/?a=%2B", "/?a=+"],
    ["/?a=+", "/?a=%2B"],
    ["/?a=b%26c", "/?a=b&c"],
    ["/?a=%252B", "/?a=%2B"],
  ].map(([from = "", to = ""]): SignatureCase => ({
    name: `54, 56 ${to} for what was signed as ${from}`,
    draft: ({ get }) => retarget(signDraft(get(from)), () => to),
    expects: mismatch,
  })),
  ...["/?a=%", "/?a=%4", "/?a=%zz", "/?%=a", "/?a=%%41"].map((target): SignatureCase => ({
    name: `55 ${target}`,
    draft: ({ get }) => signDraft(get(target)),
    expects: broken("query_escape_broken"),
  })),
  ...["Algorithm", "Credential", "Date", "Expires", "SignedHeaders", "Signature"].flatMap(
    (name): SignatureCase[] => {
      const one = new RegExp(`X-Amz-${name}=[^&]*`);
      const repeat = (edit: (text: string) => string) => (target: string) =>
        `${target}&${edit(one.exec(target)?.[0] ?? "")}`;
      return [
        {
          name: `57 X-Amz-${name} twice`,
          draft: ({ get }) =>
            retarget(
              presignDraft(get()),
              repeat((text) => text),
            ),
          expects: broken("parameter_repeated"),
        },
        {
          name: `57 X-Amz-${name} twice, once in small letters`,
          draft: ({ get }) =>
            retarget(
              presignDraft(get()),
              repeat((text) => text.replace("X-Amz", "x-amz")),
            ),
          expects: broken("parameter_repeated"),
        },
        {
          name: `57 X-Amz-${name} in small letters`,
          draft: ({ get }) =>
            retarget(presignDraft(get()), (target) => target.replace(one, (text) => text.toLowerCase())),
          expects: broken("parameter_repeated"),
        },
      ];
    },
  ),
  {
    name: "58 a fragment",
    draft: ({ get }) => signDraft(get("/books/7#x")),
    expects: broken("target_malformed"),
  },
];
