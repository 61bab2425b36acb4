// The page of the bookstore: asks the server to call itself as one of the demo's callers, and shows what came of it.

const paths = [
  "/whoami",
  "/public/ping",
  "/books/101",
  "/books?limit=0",
  "/orders",
  "/orders/101",
  "/reviews",
  "/clubs",
  "/employees",
  "/reports",
  "/suppliers/apiKey",
  "/suppliers/iam",
  "/suppliers/userPool",
  "/suppliers/oidc",
  "/suppliers/lambda",
  "/suppliers/forward",
  "/suppliers/none",
];
const keptDecisions = 20;

const find = (id) => document.getElementById(id);
let caller;
let cursor;

function element(name, properties = {}, ...children) {
  const node = Object.assign(document.createElement(name), properties);
  node.append(...children);
  return node;
}

function isOfTheShop(path) {
  const url = URL.canParse(path, location.href) ? new URL(path, location.href) : undefined;
  return url?.origin === location.origin && !url.pathname.startsWith("/demo/");
}

/** Makes a call in the name of a caller. */
async function call(name, path) {
  if (!isOfTheShop(path)) return { status: 0, body: { detail: "Write a path of this shop, such as /books" } };
  const response = await fetch("/demo/call", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ caller: name, path }),
  });
  const answer = await response.json();
  return response.ok ? answer : { status: response.status, body: answer };
}

/** Shows what comes of a task, unless another caller was chosen meanwhile. */
async function forCaller(task, show) {
  const asked = caller;
  const result = await task(asked).catch(() => ({ status: 0, body: { detail: "The shop does not answer" } }));
  if (asked === caller) show(result);
}

function ask() {
  const path = find("path").value.trim();
  for (const button of find("paths").children) {
    button.setAttribute("aria-pressed", String(button.textContent === path));
  }
  return forCaller(
    (name) => call(name, path),
    (answer) => {
      if (path !== find("path").value.trim()) return;
      const text = typeof answer.body === "string" ? answer.body : JSON.stringify(answer.body, null, 2);
      find("answer").replaceChildren(verdict(answer), element("pre", { textContent: text, tabIndex: 0 }));
    },
  );
}

/** Status, code and sentence of an answer, in every format of errors that the shop has. */
function verdict({ status, body }) {
  const refused = status < 200 || status >= 400;
  const { code, detail, message, errors } = body ?? {};
  const word = code ?? errors?.[0]?.errorType;
  const sentence = detail ?? message ?? errors?.[0]?.message;
  const line = element("div", { className: refused ? "verdict refused" : "verdict" });
  line.append(
    element("span", { className: "status", textContent: `${refused ? "✗" : "✓"} ${status || ""}`.trimEnd() }),
  );
  if (!refused) line.append(" allowed");
  if (refused && word) line.append(" ", element("code", { textContent: word }));
  if (refused && sentence) line.append(`${word ? " · " : " "}${sentence}`);
  return line;
}

function loadShelf(after) {
  const path = after ? `/books?limit=12&cursor=${encodeURIComponent(after)}` : "/books?limit=12";
  return forCaller(
    (name) => call(name, path),
    (answer) => {
      const items = answer.status === 200 ? answer.body.items : [];
      const books = items.map(bookCard);
      if (after) find("shelf").append(...books);
      else find("shelf").replaceChildren(...books);
      find("refusal").replaceChildren(...(answer.status === 200 ? [] : [verdict(answer)]));
      cursor = answer.status === 200 ? answer.body.cursor : null;
      find("more").hidden = cursor === null;
    },
  );
}

function bookCard({ id, title, author, price, stock, costPrice }) {
  const fact = (name, value) =>
    element("div", {}, element("dt", { textContent: name }), element("dd", { textContent: value }));
  const card = element("li", { className: "book" });
  card.style.setProperty("--hue", String((Number(id) * 47) % 360));
  card.append(
    element("h3", { textContent: title }),
    element("p", { textContent: author }),
    element(
      "dl",
      {},
      fact("price", price.toFixed(2)),
      fact("in stock", String(stock)),
      fact("cost price", costPrice === null ? "hidden" : costPrice.toFixed(2)),
    ),
  );
  return card;
}

function choose({ name, mode, about }) {
  caller = name;
  find("about").textContent = `${about} · ${mode}`;
  for (const button of find("callers").children) {
    button.setAttribute("aria-pressed", String(button.dataset.name === name));
  }
  for (const who of document.querySelectorAll(".who")) who.textContent = name;
  void ask();
  void loadShelf();
}

function callerButton({ name, mode, about }) {
  const button = element(
    "button",
    { type: "button" },
    element("strong", { textContent: name }),
    element("small", { textContent: mode }),
  );
  button.dataset.name = name;
  button.addEventListener("click", () => choose({ name, mode, about }));
  return button;
}

function decision({ server, time, method, path, status, mode, caller: who, code, reason }) {
  const refused = code !== undefined;
  const where = server === "supplier" ? "supplier " : "";
  const name = who ?? (mode === "none" ? "anonymous" : "somebody");
  const clock = new Date(time).toLocaleTimeString([], { hour12: false });
  return element(
    "li",
    { className: refused ? "new refused" : "new" },
    element("span", { className: "sign", textContent: refused ? "✗" : "✓" }),
    element("span", { className: "route", textContent: `${where}${method} ${path}` }),
    element("span", { className: status < 400 ? "status" : "status bad", textContent: String(status) }),
    element("span", {
      className: "why",
      textContent: [clock, `${name} (${mode ?? "no mode"})`, code, reason].filter(Boolean).join(" · "),
    }),
  );
}

function follow() {
  const events = new EventSource("/demo/events");
  events.addEventListener("open", () => {
    // A new connection begins with the last decisions again.
    find("decisions").replaceChildren();
    find("link").textContent = "Every request in which somebody had to prove who they are, the newest first.";
  });
  events.addEventListener("error", () => {
    find("link").textContent = "The shop does not answer. This list goes on when it is back.";
  });
  events.addEventListener("message", ({ data }) => {
    const list = find("decisions");
    list.prepend(decision(JSON.parse(data)));
    while (list.children.length > keptDecisions) list.lastElementChild.remove();
  });
}

async function begin() {
  const callers = await (await fetch("/demo/callers")).json();
  find("callers").append(...callers.map(callerButton));
  find("paths").append(
    ...paths.map((path) => {
      const button = element("button", { type: "button", textContent: path });
      button.addEventListener("click", () => {
        find("path").value = path;
        void ask();
      });
      return button;
    }),
  );
  find("ask").addEventListener("submit", (event) => {
    event.preventDefault();
    void ask();
  });
  find("more").addEventListener("click", () => void loadShelf(cursor));
  follow();
  choose(callers.find(({ name }) => name === "alice"));
}

void begin();
