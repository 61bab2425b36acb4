import { it } from "vitest";
import { createAuth, oidc, userPool } from "@authmodes/core";
import { createWorld, Scene, oidcName, clientId, poolId, userPoolName } from "./test/pool.ts";
it("oidc id tokens with a nonce", async () => {
  const world = await createWorld();
  const scene = new Scene(world);
  const token = await world.kit.oidc.token({ audience: clientId, claims: { nonce: "n", at_hash: "x" } });
  console.log(await scene.getId({ [oidcName]: token }));
  try {
    const providers = createAuth([oidc({ issuer: world.kit.oidc.issuer, audience: clientId, tokenUse: "both", keySet: { fetch: world.kit.oidc.fetch } })], { clock: world.kit.clock.now });
    console.log(await new Scene(world, { providers }).getId({ [oidcName]: token }));
  } catch (error) { console.log(String(error)); }
});
it("odd", async () => {
  const world = await createWorld();
  const scene = new Scene(world);
  for (const body of [`{"IdentityPoolId":"${poolId}","Logins":{"__proto__":"a.b.c"}}`, `{"__proto__":{"IdentityPoolId":"${poolId}"}}`, `{"IdentityPoolId":"${poolId}","Logins":{"constructor":"a.b.c"}}`, "[".repeat(60000), `{"a":`.repeat(10000) + "1" + "}".repeat(10000), `{"IdentityPoolId":"${poolId}","Logins":"x"}`, `{"IdentityPoolId":"${poolId}","Logins":false}`, `{"IdentityPoolId":"${poolId}","Logins":0}`, `{"IdentityPoolId":"${poolId}","Logins":""}`])
    console.log(body.slice(0, 60), await scene.send({ "x-amz-target": "AWSCognitoIdentityService.GetId" }, body).then(({status,message,IdentityId})=>({status,message,IdentityId}), (e) => String(e)));
});
