import {
  apiKey,
  authenticate,
  authErrorHandler,
  createAuth,
  getIdentity,
  newApiKey,
  userPool,
} from "@authmodes/express";
import express from "express";

const { key, stored } = await newApiKey({ expiresInSeconds: 30 * 24 * 3600 });
console.log("shown once:", key);

const auth = createAuth([
  apiKey({ keys: [stored] }),
  userPool({ userPoolId: "us-east-1_Bookstore", clientId: "1h57kf5cpq17m0eml12EXAMPLE" }),
]);

const app = express();
app.use(authenticate(auth));
app.get("/whoami", (request, response) => {
  const identity = getIdentity(request, auth); // ApiKeyIdentity | UserPoolIdentity
  response.json({ mode: identity.mode, id: identity.id });
});
app.get("/profile", authenticate(auth.only("userPool")), (request, response) => {
  response.json({ username: getIdentity(request, auth.only("userPool")).username });
});
app.use(authErrorHandler());

export default app;
