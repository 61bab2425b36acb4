import { closest, must } from "@authmodes/core/options";

/** For errors about other files. */
export const formatNames: string =
  "amplifyconfiguration.json and .dart, aws-exports.js, amplify_outputs.json, the configuration of Amplify.configure(), " +
  "the authorization of an API in the code of a CDK or Gen 2 backend, and what `aws appsync get-graphql-api` prints";

/**
 * The API that is named, or the only one.
 * @throws TypeError with the names to choose from
 */
export function choose<T extends { readonly name: string }>(apis: readonly T[], name: string | undefined): T {
  const names = apis.map((api) => api.name);
  const [first] = apis;
  must(
    first !== undefined,
    `fromAmplify(): the configuration has no API and no user pool; what is read is ${formatNames}`,
  );
  const twice = names.find((one, i) => names.indexOf(one) !== i);
  must(twice === undefined, `fromAmplify(): the configuration has two APIs named '${twice}'; rename one`);
  if (name === undefined) {
    must(
      apis.length === 1,
      `fromAmplify(): the configuration has several APIs; name one: api: '${names.join("' or '")}'`,
    );
    return first;
  }
  const chosen = apis.find((api) => api.name === name);
  const hint = `write '${closest(name, names) ?? names.join("' or '")}'`;
  must(chosen !== undefined, `fromAmplify(): the configuration has no API '${name}'; ${hint}`);
  return chosen;
}
