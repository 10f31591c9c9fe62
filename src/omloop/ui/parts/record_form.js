// A form of a few fields. What is typed stays in the browser until it is sent, whatever the server redraws meanwhile.
export default {
  template: `
    <form class="om-form" @submit.prevent="send" :aria-label="label">
      <div class="om-fields">
        <div v-for="field in fields" :key="field.name" class="om-field" :class="'om-' + field.kind">
          <label :for="place(field)">{{ field.label }}<span v-if="field.unit" class="om-dim"> ({{ field.unit }})</span></label>
          <select v-if="field.kind === 'choice'" :id="place(field)" v-model="values[field.name]" :required="field.required"
            :aria-describedby="told(field)" @change="changed">
            <option v-if="!field.required || values[field.name] === undefined" :value="undefined">{{ field.required ? "choose…" : "not known" }}</option>
            <option v-for="choice in field.choices" :key="String(choice)" :value="choice">{{ worded(field, choice) }}</option>
          </select>
          <textarea v-else-if="field.kind === 'long'" :id="place(field)" v-model="values[field.name]" rows="6"
            :required="field.required" :maxlength="field.maximum" :aria-describedby="told(field)" @change="changed"></textarea>
          <input v-else :id="place(field)" v-model="values[field.name]" :type="field.kind" :min="field.minimum"
            :max="field.maximum" :step="field.step" :required="field.required" :aria-describedby="told(field)"
            :autocomplete="field.kind === 'password' ? 'off' : null" @change="changed">
          <span v-if="field.about" :id="place(field) + '-about'" class="om-hint">{{ field.about }}</span>
        </div>
      </div>
      <p class="om-actions">
        <button class="om-button" type="submit" :disabled="busy">{{ busy ? "One moment…" : action }}</button>
        <button v-if="cancel" class="om-button om-quiet" type="button" @click="$emit('cancel')">{{ cancel }}</button>
      </p>
    </form>`,
  props: {
    fields: Array,
    given: Object,
    action: String,
    label: String,
    cancel: String,
  },
  data() {
    return { values: { ...this.given }, busy: false };
  },
  mounted() {
    window.addEventListener("pagehide", this.keep);
    const kept = sessionStorage.getItem(this.memory());
    if (kept) this.values = JSON.parse(kept);
    sessionStorage.removeItem(this.memory());
  },
  unmounted() {
    window.removeEventListener("pagehide", this.keep);
  },
  methods: {
    memory() {
      return `omloop ${location.pathname}${location.search} ${this.label}`;
    },
    keep() {
      // The page is loaded anew when its connection is back. A key is kept nowhere.
      if (window.socket?.connected || this.fields.some((field) => field.kind === "password")) return;
      sessionStorage.setItem(this.memory(), JSON.stringify(this.values));
    },
    place(field) {
      return `${this.$el?.id || this.$attrs.id || "form"}-${field.name}`;
    },
    worded(field, choice) {
      const meaning = field.meanings?.[choice];
      return meaning ? `${choice} (${meaning})` : String(choice);
    },
    told(field) {
      return field.about ? `${this.place(field)}-about` : null;
    },
    typed() {
      const found = {};
      for (const field of this.fields) {
        const value = this.values[field.name];
        if (value === undefined || value === null || value === "") continue;
        found[field.name] = field.kind === "number" ? Number(value) : value;
      }
      return found;
    },
    changed() {
      this.$emit("typed", this.typed());
    },
    send() {
      this.busy = true;
      this.$emit("send", this.typed());
      setTimeout(() => (this.busy = false), 15000); // a lost connection must not lock the form
    },
    done() {
      this.busy = false;
    },
    fill(values) {
      this.values = { ...values };
    },
  },
};
