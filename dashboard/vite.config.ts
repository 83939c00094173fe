import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";
import { compression } from "vite-plugin-compression2";

const SERVER = process.env.TOKTRA_SERVER ?? "http://127.0.0.1:8000";

/** Built into the server's package, which serves it: see docs/decisions/0016-dashboard.md. */
export default defineConfig({
  resolve: { alias: { "@": "/src" } },
  plugins: [react(), compression({ algorithms: ["gzip", "brotliCompress"], threshold: 1024 })],
  build: {
    outDir: "../server/src/toktra/web",
    emptyOutDir: true,
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 700,
  },
  server: { proxy: { "/v1": SERVER, "/schema": SERVER } },
  test: { include: ["src/**/*.test.ts"] },
} as Parameters<typeof defineConfig>[0]);
