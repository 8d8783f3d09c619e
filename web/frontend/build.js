// Bundles every *.js and *.css beside this file into ../static/build/ (what only others import lies
// in a folder of its own). Pages load the scripts with <script type="module">.
import { build } from "esbuild";
import { cpSync, readdirSync, rmSync } from "node:fs";
import path from "node:path";

const here = import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname);
const out = path.join(here, "../static/build");
const entries = readdirSync(here).filter((name) => /\.(js|css)$/.test(name) && name !== "build.js");

// Our content security policy allows no data: addresses; pico draws its icons with them, so each
// becomes a small file.
const dataImagesToFiles = {
  name: "data-images-to-files",
  setup(bundler) {
    bundler.onResolve({ filter: /^data:image\/svg\+xml/ }, ({ path }) => ({ path, namespace: "icon" }));
    bundler.onLoad({ filter: /.*/, namespace: "icon" }, ({ path }) => ({
      contents: decodeURIComponent(path.slice(path.indexOf(",") + 1)),
      loader: "file",
    }));
  },
};

rmSync(out, { recursive: true, force: true });
// Under a name of its own, by which base.html asks for it early.
cpSync(path.join(here, "node_modules/@fontsource-variable/bricolage-grotesque/files",
  "bricolage-grotesque-latin-wght-normal.woff2"), path.join(out, "display.woff2"));
await build({
  entryPoints: entries.map((name) => path.join(here, name)),
  outdir: out,
  assetNames: "icon-[hash].svg",
  bundle: true,
  minify: true,
  format: "esm",
  target: "es2020",
  external: ["./display.woff2"],
  plugins: [dataImagesToFiles],
  logLevel: "warning",
});
