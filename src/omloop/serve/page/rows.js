"use strict";

// The rows of a JSON body, kept in step: fields for one row at a time, and the text of the whole body beside them.

// `text` is the textarea; `changed` is called after either side changed.
function rowsEditor(schema, text, changed) {
  const problem = element("p", { class: "fault", role: "status" });
  const editor = { place: 0, rows: [], text, problem };
  editor.fields = Object.entries(schema.properties || {}).map(([name, property]) =>
    field(name, property, (one) => { one.fault(""); writeField(editor, one); changed(); }));
  editor.chooser = rowChooser(editor, (rows, place) => { writeRows(editor, rows); showRow(editor, place); changed(); });
  text.addEventListener("input", () => { readText(editor); showRow(editor, editor.place); changed(); });
  editor.node = element("fieldset", {}, element("legend", {}, "A row"), editor.chooser.node,
    element("div", { class: "fields" }, ...editor.fields.map((one) => one.node)));
  readText(editor);
  showRow(editor, 0);
  return editor;
}

function writeField(editor, one) {
  const rows = editor.rows.length ? [...editor.rows] : [{}];
  rows[editor.place] = { ...rows[editor.place], [one.name]: one.read() };
  writeRows(editor, rows);
  editor.chooser.show();
}

function writeRows(editor, rows) {
  editor.text.value = JSON.stringify({ rows }, null, 2);
  readText(editor);
}

// What cannot be read leaves the fields as they are, and says so.
function readText(editor) {
  editor.problem.textContent = "";
  editor.text.removeAttribute("aria-invalid");
  try {
    editor.rows = rowsOf(editor.text.value);
  } catch (error) {
    editor.problem.textContent = error.message;
    editor.text.setAttribute("aria-invalid", "true");
  }
}

function showRow(editor, place) {
  editor.place = Math.max(0, Math.min(place, editor.rows.length - 1));
  for (const one of editor.fields) { one.show(editor.rows[editor.place]?.[one.name]); one.fault(""); }
  editor.chooser.show();
}

function rowsOf(text) {
  let body;
  try { body = JSON.parse(text); } catch (error) { throw new Error(`The body is not JSON yet: ${error.message}`); }
  if (!Array.isArray(body?.rows)) throw new Error('The body is not {"rows": [...]} yet.');
  return body.rows;
}

// Which row the fields show, and one more or one less of them.
function rowChooser(editor, changed) {
  const input = element("input", { type: "number", min: 1, value: 1 }), count = element("span", { class: "dim" });
  const add = element("button", { type: "button" }, "Add a row");
  const remove = element("button", { type: "button" }, "Remove this row");
  input.addEventListener("change", () => changed(editor.rows, Number(input.value) - 1));
  add.addEventListener("click", () => changed([...editor.rows, { ...editor.rows[editor.place] }], editor.rows.length));
  remove.addEventListener("click", () => changed(editor.rows.toSpliced(editor.place, 1), editor.place));
  const node = element("div", { class: "asked" }, labelled("Row", input, "", {}), count, add, remove);
  const show = () => {
    input.value = editor.place + 1;
    input.max = editor.rows.length;
    count.textContent = `of ${editor.rows.length}`;
    remove.disabled = editor.rows.length < 2;
  };
  return { node, show };
}

// A fault such as `rows[3].age` beside its field; the fields show the row of the first one.
function showFaults(editor, faults) {
  const found = faults.map((fault) => [/^rows\[(\d+)\]\.(.*)$/.exec(fault.field || ""), fault.message]);
  const placed = found.filter(([at]) => at);
  if (!placed.length) return;
  const [[, row, first]] = placed[0], of = (name) => editor.fields.find((one) => one.name === name);
  showRow(editor, Number(row));
  for (const [at, message] of placed) if (at[1] === row) of(at[2])?.fault(message);
  of(first)?.input.focus();
  of(first)?.node.scrollIntoView({ block: "nearest" });
}
