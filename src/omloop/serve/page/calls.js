"use strict";

// The same request as a call of curl and of Python. A key is named by its variable and never shown.
// A request is { method, address, type, body, files, keyed }: `files` are of a form, or the one file that is the body.

const KEY_VARIABLE = "OMLOOP_API_KEY";
const FORM = "multipart/form-data";
// A longer word is too long for a command line: the body is read from a file then.
const LONGEST_BODY = 100000;

function curlCall(request) {
  const { method, address, type, keyed } = request, words = [`curl -sS ${shellWord(address)}`];
  if (method !== "GET") words.push(`-X ${method}`);
  if (keyed) words.push(`-H "x-api-key: $${KEY_VARIABLE}"`);
  if (type && type !== FORM) words.push(`-H ${shellWord(`content-type: ${type}`)}`);
  return [...words, ...curlBody(request)].join(" \\\n  ");
}

function curlBody({ type, body, files }) {
  if (type === FORM) return files.map((file) => `-F ${shellWord(`${file.field}=@"${formName(file.name)}"`)}`);
  if (files) return [`--data-binary ${shellWord(`@${files[0].name}`)}`];
  if (body === undefined) return [];
  return [body.length > LONGEST_BODY ? `--data-binary @${bodyFile(type)}` : `--data-raw ${shellWord(body)}`];
}

function pythonCall(request) {
  return request.type === FORM ? httpxCall(request) : urllibCall(request);
}

// A call of the standard library.
function urllibCall({ method, address, type, body, files, keyed }) {
  const file = files ? files[0].name : (body?.length || 0) > LONGEST_BODY ? bodyFile(type) : "";
  const data = file ? `Path(${pythonWord(file)}).read_bytes()` : body === undefined ? "" : "body.encode()";
  const headers = [
    ...(type ? [`"content-type": ${pythonWord(type)}`] : []),
    ...(keyed ? [`"x-api-key": os.environ["${KEY_VARIABLE}"]`] : []),
  ];
  return [
    ...(keyed ? ["import os"] : []),
    "import urllib.request",
    ...(file ? ["from pathlib import Path"] : []),
    "",
    ...(data === "body.encode()" ? [`body = ${pythonText(body)}`] : []),
    "request = urllib.request.Request(",
    `    ${pythonWord(address)},`,
    ...(data ? [`    data=${data},`] : []),
    ...(headers.length ? [`    headers={${headers.join(", ")}},`] : []),
    `    method=${pythonWord(method)},`,
    ")",
    "with urllib.request.urlopen(request) as answer:",
    "    print(answer.read().decode())",
  ].join("\n");
}

// Forms of files are no business of the standard library.
function httpxCall({ address, files, keyed }) {
  const headers = keyed ? `, headers={"x-api-key": os.environ["${KEY_VARIABLE}"]}` : "";
  return [
    ...(keyed ? ["import os"] : []),
    "from pathlib import Path",
    "",
    "import httpx  # pip install httpx",
    "",
    "files = [",
    ...files.map(({ field, name }) =>
      `    (${pythonWord(field)}, (${pythonWord(name)}, Path(${pythonWord(name)}).read_bytes())),`),
    "]",
    `answer = httpx.post(${pythonWord(address)}, files=files${headers})`,
    "print(answer.text)",
  ].join("\n");
}

// One word of a POSIX shell, whatever is in it.
function shellWord(text) {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

// A name in quotes, as curl reads it in a form.
function formName(name) {
  return name.replaceAll("\\", "\\\\").replaceAll('"', '\\"');
}

// JSON's texts are Python's too.
function pythonWord(text) {
  return JSON.stringify(text);
}

// A text of several lines as it stands, where Python can take it so.
function pythonText(text) {
  return /'''|\\$|'$|\r/.test(text) || !/[\n"]/.test(text) ? pythonWord(text) : `r'''${text}'''`;
}

function bodyFile(type) {
  return type === "application/json" ? "body.json" : type === "text/csv" ? "body.csv" : "body.txt";
}

// Both calls, each with a button that copies it; `show(request)` writes them anew.
function callsPanel() {
  const boxes = [["curl", curlCall], ["Python", pythonCall]].map(([name, write]) => ({ ...codeBox(name), write }));
  const note = element("p", { class: "dim" });
  const node = element("details", {}, element("summary", {}, "The same as a call of curl and of Python"), note,
    ...boxes.map((one) => one.node));
  const show = (request) => {
    for (const one of boxes) one.code.textContent = one.write(request);
    note.textContent = callNotes(request).join(" ");
  };
  return { node, show };
}

function callNotes({ keyed, files, body, type }) {
  return [
    ...(keyed ? [`The key is read from the variable ${KEY_VARIABLE}.`] : []),
    ...(files ? ["Run it in the folder of the files."] : []),
    ...((body?.length || 0) > LONGEST_BODY ? [`Save the body as ${bodyFile(type)} first.`] : []),
  ];
}

function codeBox(name) {
  const code = element("pre", { tabindex: 0, "aria-label": `${name} call` });
  const told = element("span", { class: "dim", role: "status" });
  const button = element("button", { type: "button", "aria-label": `Copy the ${name} call` }, "Copy");
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(code.textContent);
      told.textContent = " Copied.";
    } catch {
      // Browsers lend the clipboard to safe origins alone.
      getSelection().selectAllChildren(code);
      told.textContent = " Marked: press Ctrl+C.";
    }
  });
  return { code, node: element("div", {}, element("h3", {}, name), button, told, code) };
}
