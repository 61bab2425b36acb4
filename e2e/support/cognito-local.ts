import { spawn } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import {
  AdminAddUserToGroupCommand,
  AdminCreateUserCommand,
  AdminSetUserPasswordCommand,
  CognitoIdentityProviderClient,
  CreateGroupCommand,
  InitiateAuthCommand,
} from "@aws-sdk/client-cognito-identity-provider";
import { onFreePort } from "../../scripts/free-port.ts";
import { endOf } from "./process.ts";

const program = fileURLToPath(new URL("../node_modules/cognito-local/lib/bin/start.js", import.meta.url));

export interface CognitoLocalOptions {
  readonly userPoolId: string;
  readonly clientId: string;
  /** What tokens are issued by, without the pool; default the emulator itself. */
  readonly issuerDomain?: string;
}

export interface SignedIn {
  readonly accessToken: string;
  readonly idToken: string;
}

/** The emulator with one pool that has one client. */
export class CognitoLocal {
  readonly url: string;
  readonly jwksUri: string;
  readonly #options: CognitoLocalOptions;
  readonly #client: CognitoIdentityProviderClient;
  readonly #stop: () => Promise<void>;

  private constructor(url: string, options: CognitoLocalOptions, stop: () => Promise<void>) {
    this.url = url;
    this.jwksUri = `${url}/${options.userPoolId}/.well-known/jwks.json`;
    this.#options = options;
    this.#client = new CognitoIdentityProviderClient({
      endpoint: url,
      region: "us-east-1",
      credentials: { accessKeyId: "local", secretAccessKey: "local" },
    });
    this.#stop = stop;
  }

  static start(options: CognitoLocalOptions): Promise<CognitoLocal> {
    return onFreePort((port) => CognitoLocal.#startAt(port, options)); // the port is in its tokens
  }

  static async #startAt(port: number, options: CognitoLocalOptions): Promise<CognitoLocal> {
    const folder = await mkdtemp(join(tmpdir(), "cognito-local-"));
    await seed(folder, options);
    const child = spawn(process.execPath, [program], {
      cwd: folder,
      env: { ...process.env, HOST: "127.0.0.1", PORT: String(port) },
      stdio: ["ignore", "pipe", "ignore"],
    });
    const ended = endOf(child);
    const stop = async () => {
      child.kill();
      await ended;
      await rm(folder, { recursive: true });
    };
    let output = "";
    await new Promise<void>((resolve, reject) => {
      createInterface(child.stdout).on("line", (line) => {
        output += `${line}\n`;
        if (line.includes("running on")) resolve();
      });
      ended.then(() => reject(new Error(`cognito-local did not start:\n${output}`)), reject);
    });
    return new CognitoLocal(`http://127.0.0.1:${port}`, options, stop);
  }

  async stop(): Promise<void> {
    this.#client.destroy();
    await this.#stop();
  }

  async createUser(email: string, password: string, group: string): Promise<void> {
    const pool = { UserPoolId: this.#options.userPoolId };
    const user = { ...pool, Username: email };
    await this.#client.send(
      new AdminCreateUserCommand({
        ...user,
        MessageAction: "SUPPRESS",
        UserAttributes: [{ Name: "email", Value: email }],
      }),
    );
    await this.#client.send(
      new AdminSetUserPasswordCommand({ ...user, Password: password, Permanent: true }),
    );
    await this.#client.send(new CreateGroupCommand({ ...pool, GroupName: group }));
    await this.#client.send(new AdminAddUserToGroupCommand({ ...user, GroupName: group }));
  }

  async signIn(email: string, password: string): Promise<SignedIn> {
    const { AuthenticationResult: result } = await this.#client.send(
      new InitiateAuthCommand({
        ClientId: this.#options.clientId,
        AuthFlow: "USER_PASSWORD_AUTH",
        AuthParameters: { USERNAME: email, PASSWORD: password },
      }),
    );
    if (result?.AccessToken === undefined || result.IdToken === undefined) throw new Error("no tokens");
    return { accessToken: result.AccessToken, idToken: result.IdToken };
  }
}

/** What the emulator keeps: without this its pools have names that no pool of Amazon's has. */
async function seed(folder: string, options: CognitoLocalOptions): Promise<void> {
  const { userPoolId, clientId, issuerDomain } = options;
  const pool = {
    Id: userPoolId,
    Name: "seeded",
    UsernameAttributes: ["email"],
    Policies: { PasswordPolicy: { MinimumLength: 8 } },
    SchemaAttributes: [],
    MfaConfiguration: "OFF",
  };
  const client = {
    ClientId: clientId,
    ClientName: "web",
    UserPoolId: userPoolId,
    ExplicitAuthFlows: ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
    TokenValidityUnits: { AccessToken: "hours", IdToken: "hours", RefreshToken: "days" },
  };
  const config = issuerDomain === undefined ? {} : { TokenConfig: { IssuerDomain: issuerDomain } };
  const data = join(folder, ".cognito", "db");
  await mkdir(data, { recursive: true });
  await writeJson(join(folder, ".cognito", "config.json"), config);
  await writeJson(join(data, `${userPoolId}.json`), { Users: {}, Options: pool });
  await writeJson(join(data, "clients.json"), { Clients: { [clientId]: client } });
}

async function writeJson(path: string, value: unknown): Promise<void> {
  await writeFile(path, JSON.stringify(value));
}
