// A file that is chosen, dropped, pasted or, for a picture, taken by the camera; sent whole to one address of the page.
export default {
  template: `
    <div class="om-drop" :class="{ 'om-over': over }" @dragover.prevent="over = true" @dragleave="over = false"
      @drop.prevent="dropped">
      <slot></slot>
      <img v-if="preview && !scene" :src="preview" class="om-preview" alt="the picture that you chose">
      <video v-show="filming" ref="video" class="om-preview" autoplay playsinline muted aria-label="what the camera sees"></video>
      <p class="om-actions">
        <label class="om-button" :class="{ 'om-busy': busy }">{{ busy ? "One moment…" : action }}
          <input ref="file" class="om-hidden" type="file" :accept="accept" @change="chosen"></label>
        <button v-if="camera && !filming" class="om-button om-quiet" type="button" @click="film">Use the camera</button>
        <button v-if="filming" class="om-button" type="button" @click="shoot">Take the picture</button>
        <button v-if="filming" class="om-button om-quiet" type="button" @click="stop">Stop the camera</button>
      </p>
      <p class="om-hint">{{ hint }}</p>
      <p class="om-problem" role="alert" v-if="problem">{{ problem }}</p>
    </div>`,
  props: {
    url: String,
    accept: String,
    action: String,
    hint: String,
    camera: Boolean,
    scene: Boolean, // what stands in the slot shows the picture itself
    most: Number,
  },
  data() {
    return { over: false, busy: false, filming: false, preview: "", problem: "" };
  },
  mounted() {
    document.addEventListener("paste", this.pasted);
  },
  unmounted() {
    document.removeEventListener("paste", this.pasted);
    this.stop();
  },
  methods: {
    chosen(event) {
      this.send(event.target.files[0]);
      event.target.value = ""; // the same file may be chosen again
    },
    dropped(event) {
      this.over = false;
      this.send(event.dataTransfer.files[0]);
    },
    pasted(event) {
      const file = [...(event.clipboardData?.files || [])][0];
      if (file && this.camera) this.send(file);
    },
    async film() {
      this.problem = "";
      try {
        const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
        this.filming = true;
        this.$refs.video.srcObject = stream;
      } catch (error) {
        this.problem = "The camera cannot be used here. Choose a picture instead.";
      }
    },
    shoot() {
      const video = this.$refs.video, canvas = document.createElement("canvas");
      canvas.width = video.videoWidth;
      canvas.height = video.videoHeight;
      canvas.getContext("2d").drawImage(video, 0, 0);
      this.stop();
      canvas.toBlob((blob) => this.send(new File([blob], "camera.png", { type: "image/png" })), "image/png");
    },
    stop() {
      for (const track of this.$refs.video?.srcObject?.getTracks() || []) track.stop();
      this.filming = false;
    },
    async send(file) {
      if (!file || this.busy) return;
      this.problem = "";
      if (file.size > this.most) {
        this.problem = `“${file.name}” has ${Math.ceil(file.size / 1e6)} MB. The page takes at most ${Math.floor(this.most / 1e6)} MB.`;
        return;
      }
      if (this.camera) this.show(file);
      this.busy = true;
      try {
        const prefix = window.path_prefix || "";
        const reply = await fetch(prefix + this.url, {
          method: "POST", body: file, headers: { "X-File-Name": encodeURIComponent(file.name) } });
        if (!reply.ok) this.problem = (await reply.text()) || `The page answered with status ${reply.status}.`;
      } catch (error) {
        this.problem = "The page does not answer. Is the connection lost? Try again.";
      }
      this.busy = false;
    },
    show(file) {
      if (this.preview) URL.revokeObjectURL(this.preview);
      this.preview = file.type.startsWith("image/") ? URL.createObjectURL(file) : "";
    },
    showExample(address) {
      this.problem = "";
      this.preview = address;
    },
  },
};
