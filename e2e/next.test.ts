import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Bookstore, type RunningBookstore, startBookstore } from "./support/app.ts";
import { violations } from "./support/axe.ts";
import { launchChromium, screens } from "./support/chromium.ts";
import { isMissing } from "./support/programs.ts";
import { TestServer } from "./support/server.ts";

let running: RunningBookstore;
let shop: Bookstore;

beforeAll(async () => {
  running = await startBookstore("--app", "next");
  shop = running.bookstore;
}, 180_000);
afterAll(() => running.stop());

const cookieOf = (token: string) => `bookstore-session=${token}`;

/** The ids of a user's orders. */
async function ordersOf(token: string): Promise<readonly string[]> {
  const response = await fetch(`${shop.url}/orders?limit=100`, { headers: { authorization: token } });
  const { items } = (await response.json()) as { readonly items: readonly { readonly id: string }[] };
  return items.map(({ id }) => id);
}

describe("the cookie of a visitor", () => {
  const order = JSON.stringify({ bookId: "101", quantity: 1 });

  it.each([
    ["from another site", { "sec-fetch-site": "cross-site", origin: "http://evil.example" }],
    ["from another port", { "sec-fetch-site": "same-site", origin: "http://127.0.0.1:1" }],
    ["from a program that names no origin", {}],
  ])("does not count for a POST %s", async (_case, headers) => {
    const { accessToken } = shop.credentials.bob;
    const before = await ordersOf(accessToken);
    const response = await fetch(`${shop.url}/orders`, {
      method: "POST",
      headers: { "content-type": "application/json", cookie: cookieOf(accessToken), ...headers },
      body: order,
    });
    expect(response.status).toBe(401);
    expect(await ordersOf(accessToken)).toEqual(before);
  });

  it("counts for a POST from a page of the shop, and for a GET", async () => {
    const cookie = cookieOf(shop.credentials.penny.accessToken);
    const response = await fetch(`${shop.url}/orders`, {
      method: "POST",
      headers: { "content-type": "application/json", cookie, "sec-fetch-site": "same-origin" },
      body: order,
    });
    expect(response.status).toBe(201);
    expect((await fetch(`${shop.url}/books`, { headers: { cookie } })).status).toBe(200);
  });

  it("is rejected on routes if it is wrong, and counts as none on pages", async () => {
    const { accessToken } = shop.credentials.alice;
    const cookie = cookieOf(`${accessToken.slice(0, -8)}AAAAAAAA`);
    expect((await fetch(`${shop.url}/books`, { headers: { cookie } })).status).toBe(401);
    const page = await fetch(shop.url, { headers: { cookie } });
    expect(page.status).toBe(200);
    expect(await page.text()).toContain("Sign in as a sample user");
    const account = await fetch(`${shop.url}/account`, { headers: { cookie }, redirect: "manual" });
    expect(account.headers.get("location")).toBe("/sign-in?next=/account");
  });
});

describe("the account", () => {
  it("sends visitors without a cookie to sign in, and rejects programs, before it is rendered", async () => {
    const visit = await fetch(`${shop.url}/account`, {
      headers: { accept: "text/html" },
      redirect: "manual",
    });
    expect([visit.status, visit.headers.get("location")]).toEqual([307, "/sign-in?next=%2Faccount"]);
    expect((await fetch(`${shop.url}/account`)).status).toBe(401);
  });
});

describe.skipIf(isMissing("chromium-headless-shell"))("the page in Chromium", () => {
  let browser: Browser;

  beforeAll(async () => {
    browser = await launchChromium();
  });
  afterAll(() => browser.close());

  /** A page of its own; what its console complains about is kept. */
  async function open(
    path = "/",
    options: BrowserContextOptions = {},
  ): Promise<{ page: Page; complaints: string[] }> {
    const context = await browser.newContext(options);
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on("console", (message) => {
      if (message.type() === "error" || message.type() === "warning") complaints.push(message.text());
    });
    page.on("pageerror", (error) => complaints.push(String(error)));
    await page.goto(shop.url + path);
    return { page, complaints };
  }

  async function signIn(page: Page, name: string): Promise<void> {
    await page.goto(`${shop.url}/sign-in`);
    await page.getByRole("button", { name }).click();
    await page.getByRole("heading", { name: `Good to see you, ${name}` }).waitFor();
  }

  it("shows books to a visitor who did not sign in, denies the rest, and says why", async () => {
    const { page, complaints } = await open();
    await page.getByRole("heading", { name: "Emma" }).waitFor();
    expect(await page.locator("main").innerText()).not.toMatch(/40[13]|cost price/);
    expect(await page.getByRole("button", { name: /^Order (?!for bob)/ }).count()).toBe(0);
    for (const name of ["Order for bob", "Read the order", "Set the price", "Read the reports"]) {
      const attempt = page.locator("form", { has: page.getByRole("button", { name }) });
      await attempt.getByRole("button").click();
      await attempt.getByText("401", { exact: true }).waitFor();
    }
    expect(complaints).toEqual([]);
  });

  it("lets a user order, see their own orders and cancel one", async () => {
    const { page, complaints } = await open();
    await signIn(page, "bob");
    expect(await page.getByText("cost price").count()).toBe(0);
    const before = await ordersOf(shop.credentials.bob.accessToken);
    await page.getByRole("button", { name: "Order Emma", exact: true }).click();
    await page.getByText("Ordered. It is number").waitFor();
    const after = await ordersOf(shop.credentials.bob.accessToken);
    expect(after).toHaveLength(before.length + 1);

    await page.getByRole("link", { name: "Orders" }).click();
    await page.getByRole("heading", { name: "Your orders" }).waitFor();
    const rows = await page.locator(".orders li").allTextContents();
    expect(rows.every((row) => row.includes("for bob"))).toBe(true);
    await page.getByRole("button", { name: "Cancel" }).last().click();
    await expect.poll(() => ordersOf(shop.credentials.bob.accessToken)).toHaveLength(before.length);
    expect(complaints).toEqual([]);
  });

  it("shows new orders as they are made, to their owner and to librarians", async () => {
    const [{ page: bobs, complaints }, { page: libbys }, { page: ottos }] = [
      await open(),
      await open(),
      await open(),
    ];
    for (const [page, name, path] of [
      [bobs, "bob", "/"],
      [libbys, "libby", "/account"],
      [ottos, "otto", "/account"],
    ] as const) {
      await signIn(page, name);
      await page.goto(shop.url + path);
      await page.getByText("Live: the orders that you may read").waitFor();
    }
    await bobs.getByRole("button", { name: "Order Emma", exact: true }).click();
    for (const page of [bobs, libbys])
      await page.locator(".live-orders li", { hasText: "1 × book 102, for bob" }).waitFor();
    await ottos.goto(shop.url);
    await ottos.getByText("Live: the orders that you may read").waitFor();
    await ottos.getByRole("button", { name: "Order Emma", exact: true }).click();
    await libbys.locator(".live-orders li", { hasText: "for otto" }).waitFor();
    await ottos.locator(".live-orders li", { hasText: "for otto" }).waitFor();
    expect(await ottos.locator(".live-orders li").count()).toBe(1);
    expect(await bobs.locator(".live-orders li").count()).toBe(1);
    expect(complaints).toEqual([]);
  });

  it("denies another user's order, with the code, the rule and the id of the rejection", async () => {
    const { page, complaints } = await open();
    await signIn(page, "alice");
    const attempt = page.locator("form", { has: page.getByRole("button", { name: "Read the order" }) });
    await attempt.getByRole("button").click();
    const verdict = attempt.locator(".refused");
    await verdict.waitFor();
    const text = await verdict.innerText();
    expect(text).toContain("403");
    expect(text).toContain("forbidden");
    expect(text).toContain("Order owner: bob, not alice");
    const id = /[0-9a-f-]{36}/.exec(text)?.[0] ?? "none";
    await attempt.getByRole("link", { name: id }).click();
    const events = await page.locator(".decisions li", { has: page.locator(":target") }).innerText();
    expect(events).toMatch(/✓ verified\s+✗ forbidden Order owner: bob, not alice/);
    expect(complaints).toEqual([]);
  });

  it("shows librarians what the shop pays, and lets them change a price", async () => {
    const { page } = await open();
    await signIn(page, "libby");
    expect(await page.getByText("cost price").count()).toBe(12);
    await page.getByRole("spinbutton", { name: "Price of Emma" }).fill("12.5");
    await page.getByRole("button", { name: "Set the price" }).click();
    await page.getByText("Emma now costs 12.50").waitFor();
    await page.locator(".book", { hasText: "Emma" }).getByText("12.50").waitFor();
  });

  it("keeps the token in a cookie that scripts cannot read, until the user signs out", async () => {
    const { page } = await open();
    await signIn(page, "otto");
    const [cookie] = await page.context().cookies();
    expect(cookie).toMatchObject({ name: "bookstore-session", httpOnly: true, sameSite: "Lax" });
    expect(await page.evaluate(() => document.cookie)).toBe("");
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByRole("heading", { name: "Good books" }).waitFor();
    expect(await page.context().cookies()).toEqual([]);
  });

  it("can be used with the keyboard alone", async () => {
    const { page } = await open();
    const press = async (name: RegExp) => {
      for (let presses = 0; presses < 60; presses++) {
        await page.keyboard.press("Tab");
        const focused = page.locator(":focus");
        const label = (await focused.getAttribute("aria-label")) ?? (await focused.innerText());
        if (name.test(label)) return page.keyboard.press("Enter");
      }
      throw new Error(`Tab never gets to ${String(name)}`);
    };
    await press(/^Sign in$/);
    await page.getByRole("heading", { name: "Who are you?" }).waitFor();
    await press(/^penny/);
    await page.getByRole("heading", { name: "Good to see you, penny" }).waitFor();
    await press(/^Order Emma$/);
    await page.getByText("Ordered. It is number").waitFor();
    await press(/^Order for bob$/);
    await page.getByText("Order owner: bob, not penny").first().waitFor();
  });

  it("works without JavaScript", async () => {
    const { page } = await open("/", { javaScriptEnabled: false });
    await page.getByRole("link", { name: "Sign in as a sample user" }).click();
    await page.getByRole("button", { name: "penny" }).click();
    await page.getByRole("button", { name: "Order Emma", exact: true }).click();
    await page.getByText("Ordered. It is number").waitFor();
  });

  it.each(screens)("has no violations, and fits: %j", async (screen) => {
    const { page, complaints } = await open("/", screen);
    expect(await violations(page)).toEqual([]);
    await signIn(page, "alice");
    await page.getByRole("button", { name: "Read the order" }).click();
    await page.getByText("Order owner: bob, not alice").first().waitFor();
    await page.getByText("As a request").first().click();
    expect(await violations(page)).toEqual([]);
    for (const path of ["/", "/account", "/sign-in"]) {
      await page.goto(shop.url + path);
      expect([path, await violations(page)]).toEqual([path, []]);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(screen.viewport.width);
    }
    expect(complaints).toEqual([]);
  });

  it("rejects forms and actions that another site posts with the visitor's cookie", async () => {
    const { page } = await open();
    await signIn(page, "penny");
    // As the server sends it: forms have the fields of their actions, for browsers without scripts.
    await page.reload();
    const before = await ordersOf(shop.credentials.penny.accessToken);
    const form = page.locator("form", { has: page.getByRole("button", { name: "Order Emma", exact: true }) });
    const fields = await form
      .locator("input[type=hidden]")
      .evaluateAll((inputs) => inputs.map((input) => input.outerHTML).join(""));
    expect(fields).toContain("$ACTION");
    const evil = await TestServer.start((_request, response) => {
      response.setHeader("content-type", "text/html");
      response.end(
        `<form id="action" method="post" enctype="multipart/form-data" action="${shop.url}/">${fields}` +
          `<input name="quantity" value="1"></form>` +
          `<form id="route" method="post" enctype="text/plain" action="${shop.url}/orders"></form>`,
      );
    });
    try {
      for (const [name, path] of [
        ["action", "/"],
        ["route", "/orders"],
      ]) {
        // A port of the same host is the same site to SameSite: the cookie goes along.
        await page.goto(evil.url);
        const answer = page.waitForResponse((response) => response.url() === shop.url + path);
        await page.evaluate((id) => (document.getElementById(id ?? "") as HTMLFormElement).submit(), name);
        const response = await answer;
        expect((await response.request().allHeaders())["cookie"]).toContain("bookstore-session");
        expect(response.status()).toBeGreaterThanOrEqual(400);
        await page.waitForURL(shop.url + path);
      }
    } finally {
      await evil.stop();
    }
    expect(await ordersOf(shop.credentials.penny.accessToken)).toEqual(before);
  });
});
