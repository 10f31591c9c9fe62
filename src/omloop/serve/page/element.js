"use strict";

// What is put into the page, as text and never as HTML: names of columns come from whoever made the model.

function element(tag, attributes, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) if (value !== undefined) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

// A name that may go on in the next line behind each underscore.
function breakable(name) {
  return String(name).split(/(?<=_)/).flatMap((part, place) => place ? [element("wbr"), part] : [part]);
}

function option(value, words = value) {
  return element("option", { value }, words);
}

// A caption above its input, with what else there is to say of it.
function labelled(name, input, about = "", attributes = { class: "field" }) {
  const id = `input-${labelled.count = (labelled.count || 0) + 1}`;
  input.id = id;
  const told = element("p", { class: "dim", id: `${id}-about` }, about);
  if (about) input.setAttribute("aria-describedby", told.id);
  return element("div", attributes, element("label", { for: id }, ...breakable(name)), input, ...(about ? [told] : []));
}

function typesOf(schema) {
  return [].concat(schema.type || []).filter((type) => type !== "null");
}

function mayBeAbsent(schema) {
  return [].concat(schema.type || []).includes("null") || (schema.enum || []).includes(null);
}

function rangeOf(schema) {
  const low = schema.minimum ?? null, high = schema.maximum ?? null;
  if (low !== null && high !== null) return `${low} to ${high}`;
  if (low !== null) return `at least ${low}`;
  return high !== null ? `at most ${high}` : "";
}

function accepts(schema) {
  if (schema.enum) return schema.enum.map((word) => JSON.stringify(word)).join(", ");
  const type = [].concat(schema.type || "any value").join(" or "), range = rangeOf(schema);
  return range ? `${type}, ${range}` : type;
}

function table(title, schema) {
  const body = element("tbody");
  for (const [name, property] of Object.entries(schema.properties || {})) {
    body.append(element("tr", {}, element("td", {}, element("code", {}, ...breakable(name))),
      element("td", {}, accepts(property)), element("td", {}, property.description || "")));
  }
  const head = element("tr", {}, ...["Name", "Accepts", "About"].map((word) => element("th", { scope: "col" }, word)));
  const found = element("table", {}, element("thead", {}, head), body);
  return [element("h2", {}, title), element("div", { class: "scroll" }, found)];
}
