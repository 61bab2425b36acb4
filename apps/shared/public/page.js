// The page works without this script: forms are posted and the server renders the answer. With it, only the parts that
// change are replaced, and decisions appear as they are made.

import { followOrders } from "./live.js";

let latest = 0;
let latestShelf = 0;

const link = document.getElementById("link");

function replace(id, node) {
  if (node !== null) document.getElementById(id).replaceChildren(...node.childNodes);
}

/** Posts a form and shows what the server renders, unless another form was posted meanwhile. */
async function post(form, submitter) {
  const turn = ++latest;
  const fields = new URLSearchParams(new FormData(form, submitter));
  if (form.id === "ask") {
    fields.set("part", "answer");
  } else {
    latestShelf = turn;
    // The next request is the chosen caller's, even if it is sent before this answer arrives.
    document.querySelector("#ask [name=caller]").value = fields.get("caller");
  }
  const response = await fetch("/", { method: "POST", body: fields }).catch(() => undefined);
  if (response === undefined) {
    link.textContent = "The shop does not answer.";
    return;
  }
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  const { name, value } = submitter ?? {};
  if (turn === latestShelf) replace("shelf", page.getElementById("shelf"));
  if (turn !== latest) return;
  for (const id of ["callers", "ask", "answer"]) replace(id, page.getElementById(id));
  follow();
  if (name) document.querySelector(`[name="${name}"][value="${CSS.escape(value)}"]`)?.focus();
  addCopyButton();
}

document.addEventListener("submit", (event) => {
  event.preventDefault();
  void post(event.target, event.submitter);
});

function addCopyButton() {
  const curl = document.getElementById("curl");
  if (curl === null) return;
  const button = Object.assign(document.createElement("button"), { type: "button", textContent: "Copy" });
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(curl.textContent);
    button.textContent = "Copied";
  });
  curl.before(button);
}

const keptOrders = 3;
let followed;
let stopFollowing = () => undefined;

/** Shows the new orders that the chosen caller may read. */
function follow() {
  const caller = document.querySelector("#ask [name=caller]").value;
  if (caller === followed) return;
  followed = caller;
  const live = document.getElementById("live");
  const list = document.getElementById("orders");
  const states = {
    live: `Live: the orders that ${caller} may read appear here as they are made.`,
    waiting: "Not connected. The page tries again.",
  };
  stopFollowing();
  list.replaceChildren();
  stopFollowing = followOrders({
    async messages() {
      const body = new URLSearchParams({ caller });
      return (await fetch("/demo/live", { method: "POST", body })).json();
    },
    onState(state, message) {
      live.textContent = states[state] ?? `Not for ${caller}: ${message}`;
      live.dataset.state = state;
    },
    onOrder({ id, bookId, quantity, owner }) {
      const item = document.createElement("li");
      const facts = `${quantity ?? "?"} × book ${bookId ?? "hidden"}, for ${owner ?? "hidden"}`;
      item.append(
        facts,
        " ",
        Object.assign(document.createElement("small"), { textContent: id.slice(0, 8) }),
      );
      list.prepend(item);
      if (list.children.length > keptOrders) list.lastChild.remove();
    },
  });
}

const connected = link.textContent;
let timer;
const events = new EventSource("/demo/events");
events.addEventListener("open", () => (link.textContent = connected));
events.addEventListener("message", () => {
  clearTimeout(timer);
  timer = setTimeout(async () => {
    const log = await (await fetch("/demo/log")).text();
    replace("decisions", new DOMParser().parseFromString(log, "text/html").body);
    // The element that the address names was replaced, or comes only now.
    document.querySelector(`.events [id="${CSS.escape(location.hash.slice(1))}"]`)?.classList.add("target");
  }, 100);
});
events.addEventListener("error", () => {
  link.textContent = "The shop does not answer. This list goes on when it is back.";
});
addCopyButton();
follow();
