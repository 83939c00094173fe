import { defineConfig } from "wxt";
import { matchPatterns } from "./src/core/hosts";

/** Gives the unpacked build one id wherever it lies; stores set their own, and take no key. */
const KEY =
  "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAtEqq4yMr0wmNhISf2zPBQJ1ftGNmqF5qdGt0GwN81wl0mYrDtn5HjTDR5Wz3zeii7S/otAGxAdvW/DzEGekSVZBKW//bae+td7/OwGCSuUdAg1UJXYetpu1kZRwaQdQnkzfSIAhP0UQsaBYMaeKwuBKllbpZklMfk2cmd7b+aP6Uly6SPCuQ4HI/6gOeHaZ/UvRDMPgahKzkYhWl5uRJVUwKx4Uo+jPy0ZYmasqg4sJefDg6JSqyyfhMrW4BOJeFsgJhNMr9N4zxZb1cXPWlN9rSnyd5JigHZcY1z/QVUtZ74zuF/7LO63obq4ymma3AbZ7ywFUskvHD1rM8dJGK+wIDAQAB";

const STORE = process.env.TOKTRA_STORE === "1";

/** See docs/extension/permissions.md, which a test compares with what is built. */
export default defineConfig({
  srcDir: "src",
  publicDir: "public",
  outDir: "dist",
  outDirTemplate: STORE ? "store/{{browser}}" : "{{browser}}",
  imports: false,
  manifestVersion: 3,
  targetBrowsers: ["chrome", "firefox"],
  zip: {
    artifactTemplate: "toktra-{{version}}-{{browser}}.zip",
    zipSources: false,
  },
  vite: () => ({ build: { target: "es2022", minify: false } }),
  manifest: ({ browser }) => ({
    name: "Toktra",
    description: "Counts your requests to AI services and checks your budget before each. Never reads them.",
    permissions: ["alarms", "declarativeNetRequest", "nativeMessaging", "storage", "webRequest"],
    host_permissions: matchPatterns(["https", "wss"]),
    action: { default_title: "Toktra" },
    ...(browser === "firefox"
      ? {
          browser_specific_settings: {
            gecko: {
              id: "extension@toktra.dev",
              strict_min_version: "128.0",
              data_collection_permissions: { required: ["browsingActivity"] },
            },
          },
        }
      : {
          minimum_chrome_version: "120",
          storage: { managed_schema: "managed_storage.json" },
          ...(STORE ? {} : { key: KEY }),
        }),
  }),
});
