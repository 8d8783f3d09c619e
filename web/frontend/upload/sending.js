// Sends one file in parts with Uppy. The calls are S3's, made to our server, which signs each part's
// address when it is about to be sent; whether that address is ours or S3's makes no difference here.
import AwsS3 from "@uppy/aws-s3";
import Uppy from "@uppy/core";
import { Refusal, call } from "./server.js";

// Milliseconds before a part is tried again; after the last one the person is asked.
const RETRY_DELAYS = [0, 1000, 3000, 5000, 10000, 15000];
const AT_ONCE = 2; // few parts at a time finish sooner each: less to lose when a slow line breaks

export class Sending {
  // `options`: create and uploads (addresses), csrf, partBytes. `on`: token(token), progress(sent,
  // total), arrived(), failed(error).
  constructor(options, on) {
    this.options = options;
    this.on = on;
    this.uppy = new Uppy();
    this.uppy.use(AwsS3, {
      shouldUseMultipart: true,
      limit: AT_ONCE,
      retryDelays: RETRY_DELAYS,
      getChunkSize: () => options.partBytes,
      createMultipartUpload: (file, signal) => this.#create(file, signal),
      listParts: (_, { uploadId, signal }) => this.#list(uploadId, signal),
      signPart: (_, { uploadId, partNumber, signal }) =>
        this.#call("POST", this.#url(uploadId, `parts/${partNumber}/`), { signal }),
      completeMultipartUpload: (_, { uploadId, signal }) =>
        this.#call("POST", this.#url(uploadId, "complete/"), { signal, tries: 4 }),
      // Uppy aborts after any error. What has arrived must outlive errors: only discard() drops it.
      abortMultipartUpload: async () => {},
    });
    this.uppy.on("upload-progress", (_, { bytesUploaded, bytesTotal }) =>
      on.progress(bytesUploaded, bytesTotal),
    );
    this.uppy.on("upload-success", () => on.arrived());
    this.uppy.on("upload-error", (_, error) => on.failed(error));
  }

  // Send `file`; with the `token` of an earlier upload of it, only what is missing.
  async send(file, token) {
    this.stop();
    const id = this.uppy.addFile({ name: file.name, type: file.type, data: file });
    const known = token && (await this.#isKnown(token));
    if (!this.uppy.getFile(id)) return; // removed while we asked
    if (known) {
      this.on.token(token);
      this.uppy.setFileState(id, { s3Multipart: { uploadId: token, key: token } });
    }
    // What goes wrong has been told by then.
    await this.uppy.upload().catch(() => {});
  }

  pause() {
    this.uppy.pauseAll();
  }

  resume() {
    this.uppy.resumeAll();
  }

  // Stop sending; what has arrived stays on the server.
  stop() {
    this.uppy.cancelAll();
  }

  // Drop what has arrived. Should it fail, the server drops it after some days by itself.
  async discard(token) {
    await this.#call("DELETE", this.#url(token), { tries: 3 }).catch(() => {});
  }

  async #create(file, signal) {
    const body = { filename: file.name, size: file.size };
    const { token } = await this.#call("POST", this.options.create, { body });
    if (signal?.aborted) await this.discard(token);
    else this.on.token(token);
    return { uploadId: token, key: token };
  }

  #list(token, signal) {
    return this.#call("GET", this.#url(token, "parts/"), { signal, tries: 4 });
  }

  async #isKnown(token) {
    try {
      await this.#list(token);
      return true;
    } catch (error) {
      return !(error instanceof Refusal && error.status === 404);
    }
  }

  #url(token, rest = "") {
    return `${this.options.uploads}${encodeURIComponent(token)}/${rest}`;
  }

  #call(method, url, options) {
    return call(method, url, { csrf: this.options.csrf, ...options });
  }
}
