"use strict";

// One input for each column of a row. A field is { name, node, read, show, fault }: what it holds as a JSON value.

const MOST_THUMBNAILS = 12;
// How a picture of each type begins in base64.
const PICTURES = {
  "iVBORw0KGgo": "image/png", "/9j/": "image/jpeg", "UklGR": "image/webp", "R0lGOD": "image/gif", "Qk": "image/bmp",
};

// `changed` is called with the field whenever somebody changes it.
function field(name, schema, changed) {
  const made = { name, fault: (message) => showFault(made, message) };
  return Object.assign(made, inputFor(name, schema, () => changed(made)));
}

function inputFor(name, schema, changed) {
  const [type] = typesOf(schema);
  if (schema.contentEncoding === "base64") return pictureInput(name, schema, changed);
  if (schema.enum || type === "boolean") return choiceInput(name, schema, changed);
  return ["number", "integer"].includes(type) ? numberInput(name, schema, changed) : textInput(name, schema, changed);
}

function choiceInput(name, schema, changed) {
  const values = schema.enum || [true, false, ...(mayBeAbsent(schema) ? [null] : [])];
  const words = (value) => value === null ? "(missing)" : String(value);
  const input = element("select", {}, ...values.map((value, place) => option(place, words(value))));
  input.addEventListener("change", changed);
  return {
    input, node: labelled(name, input, schema.description),
    read: () => values[input.value],
    show: (value) => { input.value = String(values.indexOf(value ?? null)); },
  };
}

function numberInput(name, schema, changed) {
  const step = typesOf(schema)[0] === "integer" ? 1 : "any";
  const input = element("input", { type: "number", min: schema.minimum, max: schema.maximum, step });
  input.addEventListener("input", changed);
  const about = [schema.description, rangeOf(schema), mayBeAbsent(schema) ? "May be empty." : ""];
  return {
    input, node: labelled(name, input, about.filter(Boolean).join(" ")),
    read: () => input.value === "" ? null : Number(input.value),
    show: (value) => { input.value = value ?? ""; },
  };
}

function textInput(name, schema, changed) {
  const day = schema.format === "date", words = schema.examples || [];
  const long = !schema.format && !words.length;
  const input = long ? element("textarea", { maxlength: schema.maxLength, rows: 4 })
    : element("input", { type: day ? "date" : "text", autocomplete: "off" });
  input.addEventListener("input", changed);
  const node = labelled(name, input, schema.description, { class: long ? "field wide" : "field" });
  if (words.length) {
    const list = element("datalist", { id: `${input.id}-words` }, ...words.map((word) => option(word)));
    input.setAttribute("list", list.id);
    node.append(list);
  }
  return {
    input, node,
    read: () => input.value === "" && mayBeAbsent(schema) ? null : input.value,
    show: (value) => { input.value = value ?? ""; },
  };
}

function pictureInput(name, schema, changed) {
  const input = element("input", { type: "file", accept: "image/*" }), shown = element("div", { class: "pictures" });
  const node = labelled(name, input, schema.description, { class: "field wide" });
  let value = "";
  const show = (picture) => {
    value = String(picture ?? "");
    const type = Object.entries(PICTURES).find(([start]) => value.startsWith(start))?.[1];
    const address = `data:${type};base64,${value}`;
    shown.replaceChildren(...(type ? [element("img", { src: address, alt: `The picture for ${name}` })] : []));
  };
  input.addEventListener("change", async () => {
    if (!input.files.length) return;
    show((await dataAddress(input.files[0])).split(",")[1]);
    changed();
  });
  node.append(shown);
  return { input, node, show, read: () => value };
}

// The files of a form, or the one file that is the body; `changed` is called when others are chosen.
function filesField(name, many, changed) {
  const input = element("input", { type: "file", ...(many ? { multiple: "" } : {}) });
  const shown = element("div", { class: "pictures" }), about = many ? "One file a row; several may be chosen." : "";
  const node = labelled(name, input, about, { class: "field wide" });
  node.append(shown);
  input.addEventListener("change", async () => {
    changed();
    const pictures = [...input.files].filter((file) => file.type.startsWith("image/")).slice(0, MOST_THUMBNAILS);
    const addresses = await Promise.all(pictures.map(dataAddress));
    shown.replaceChildren(...addresses.map((src, place) => element("img", { src, alt: pictures[place].name })));
  });
  return { name, input, node };
}

function dataAddress(file) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result);
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(file);
  });
}

function showFault(field, message) {
  const id = `${field.input.id}-fault`;
  document.getElementById(id)?.remove();
  field.input.toggleAttribute("aria-invalid", false);
  field.input.removeAttribute("aria-errormessage");
  if (!message) return;
  field.input.setAttribute("aria-invalid", "true");
  field.input.setAttribute("aria-errormessage", id);
  field.node.append(element("p", { class: "fault", id }, message));
}
