// The page works without this script: forms are posted and the server renders the answer. With it, only the parts that
// change are replaced, and decisions appear as they are made.

const parts = ["callers", "ask", "answer", "shelf"];
let latest = 0;

function replace(id, node) {
  document.getElementById(id)?.replaceChildren(...node.childNodes);
}

/** Posts a form and shows what the server renders, unless another one was posted meanwhile. */
async function post(form, submitter) {
  const turn = ++latest;
  const fields = new URLSearchParams(new FormData(form, submitter));
  if (form.id === "ask") fields.set("part", "answer");
  const response = await fetch("/", { method: "POST", body: fields }).catch(() => undefined);
  if (response === undefined) {
    document.getElementById("link").textContent = "The shop does not answer.";
    return;
  }
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  if (turn !== latest) return;
  const { name, value } = submitter ?? {};
  for (const id of form.id === "ask" ? parts.slice(0, 3) : parts) {
    const part = page.getElementById(id);
    if (part !== null) replace(id, part);
  }
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

let timer;
const events = new EventSource("/demo/events");
events.addEventListener("message", () => {
  clearTimeout(timer);
  timer = setTimeout(async () => {
    const log = await (await fetch("/demo/log")).text();
    replace("decisions", new DOMParser().parseFromString(log, "text/html").body);
    // The element that the address names was replaced, or comes only now.
    document.getElementById(location.hash.slice(1))?.classList.add("target");
  }, 100);
});
events.addEventListener("error", () => {
  document.getElementById("link").textContent =
    "The shop does not answer. This list goes on when it is back.";
});
addCopyButton();
