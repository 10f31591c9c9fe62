"use strict";

// A form for one address: its parameters, its body in one of the content types it takes, and what came back.

// `session.key` is what a server asks for that has keys; it is kept nowhere else.
function requestForm(method, path, operation, schemas, session) {
  const contents = operation.requestBody?.content || {};
  const shown = (operation.parameters || []).filter((one) => one.in !== "header");
  const asked = shown.map((one) => parameterInput(one, refresh));
  const body = Object.keys(contents).length ? bodyInput(contents, schemas, refresh) : null;
  const calls = callsPanel(), panel = answerPanel(schemas.Predictions?.properties?.predictions?.items || {});

  function request() {
    const keyed = Boolean(session.key), told = body ? body.told() : {};
    return { method: method.toUpperCase(), address: addressOf(path, asked), keyed, ...told };
  }

  function refresh() {
    const asks = request();
    calls.show({ ...asks, address: new URL(asks.address, document.baseURI).href });
  }

  async function send(event) {
    event.preventDefault();
    if (lacks(asked)) return;
    panel.waiting();
    try {
      const { method, address, type } = request(), key = session.key ? { "x-api-key": session.key } : {};
      const headers = { ...key, ...(type && type !== FORM ? { "content-type": type } : {}) };
      const reply = await fetch(address, { method, headers, ...(body ? { body: body.payload() } : {}) });
      const found = panel.show(reply, await reply.text());
      body?.showFaults(found?.error ? found.error.faults || [found.error] : []);
    } catch (error) { panel.fail(error); }
  }

  const parameters = asked.length ? [element("div", { class: "asked" }, ...asked.map((one) => one.node))] : [];
  const made = element("form", { novalidate: "" }, ...(body ? [body.node] : []), ...parameters,
    element("button", { type: "submit", class: "send" }, "Send"), panel.node, calls.node);
  made.addEventListener("submit", send);
  calls.node.open = Boolean(body);
  refresh();
  return made;
}

// A choice where there are few words, with what holds when nothing is sent.
function parameterInput(parameter, changed) {
  const { schema = {}, name, description = "" } = parameter;
  const words = schema.type === "boolean" ? ["true", "false"] : (schema.enum || []).map(String);
  const standard = schema.default === undefined ? "(not sent)" : `${schema.default} (default)`;
  const choices = words.map((word) => option(word));
  const input = words.length ? element("select", {}, option("", standard), ...choices)
    : element("input", { autocomplete: "off" });
  input.addEventListener("input", changed);
  return { ...parameter, input, node: labelled(name, input, description, {}) };
}

// Whether a part of the address is not filled in; it is marked then.
function lacks(asked) {
  const empty = asked.filter((one) => one.in === "path" && !one.input.value);
  for (const one of asked) showFault(one, empty.includes(one) ? "is a part of the address; fill it in" : "");
  empty[0]?.input.focus();
  return empty.length > 0;
}

function addressOf(path, asked) {
  const sent = asked.filter((one) => one.in === "query" && one.input.value);
  const query = new URLSearchParams(sent.map((one) => [one.name, one.input.value]));
  const value = (name) => asked.find((one) => one.name === name)?.input.value || "";
  const filled = path.slice(1).replace(/\{(\w+)\}/g, (_, name) => encodeURIComponent(value(name)));
  return query.size ? `${filled}?${query}` : filled;
}

// The body, in whichever content type is chosen: rows with fields, a text, one file, or the files of a form.
function bodyInput(contents, schemas, changed) {
  const types = element("select", {}, ...Object.keys(contents).map((type) => option(type)));
  const parts = element("div", { class: "ask" });
  let chosen;
  const arrange = () => {
    const content = contents[types.value], schema = content.schema || {};
    chosen = types.value === FORM || schema.format === "binary" ? filesBody(types.value, schema, changed)
      : textBody(content, hasRows(types.value, schema) ? schemas.Row : null, changed);
    parts.replaceChildren(...chosen.nodes);
    parts.classList.toggle("both", chosen.nodes.length > 1);
  };
  if (FORM in contents) types.value = FORM;
  types.addEventListener("change", () => { arrange(); changed(); });
  arrange();
  return {
    node: element("div", {}, labelled("Content type", types, "", { class: "asked" }), parts),
    told: () => ({ type: types.value, ...chosen.told() }),
    payload: () => chosen.payload(),
    showFaults: (faults) => chosen.showFaults(faults),
  };
}

function filesBody(type, schema, changed) {
  const form = type === FORM, names = form ? Object.keys(schema.properties) : ["file"];
  const fields = names.map((name) => filesField(name, form, changed));
  return {
    nodes: [element("div", {}, ...fields.map((one) => one.node))],
    told: () => ({ files: chosenFiles(fields) }),
    payload: () => form ? formOf(fields) : fields[0].input.files[0],
    showFaults: () => {},
  };
}

// A text as it is sent, and where it holds `rows` the fields of one.
function textBody(content, row, changed) {
  const text = element("textarea", { class: "code", spellcheck: "false" });
  text.value = written(content.example);
  const box = element("div", {}, labelled("Body", text, "", {}));
  const editor = row ? rowsEditor(row, text, changed) : null;
  if (editor) box.append(editor.problem); else text.addEventListener("input", changed);
  return {
    nodes: editor ? [editor.node, box] : [box],
    told: () => ({ body: text.value }),
    payload: () => text.value,
    showFaults: (faults) => { if (editor) showFaults(editor, faults); },
  };
}

function hasRows(type, schema) {
  return type === "application/json" && schema.properties?.rows?.items?.$ref === "#/components/schemas/Row";
}

function written(example) {
  return typeof example === "string" ? example : example === undefined ? "" : JSON.stringify(example, null, 2);
}

// The chosen files by field and name; before one is chosen, a name that stands for it.
function chosenFiles(fields) {
  const files = fields.flatMap((one) => [...one.input.files].map((file) => ({ field: one.name, name: file.name })));
  return files.length ? files : [{ field: fields[0].name, name: "picture.png" }];
}

function formOf(fields) {
  const form = new FormData();
  for (const one of fields) for (const file of one.input.files) form.append(one.name, file);
  return form;
}
