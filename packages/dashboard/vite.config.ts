import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** What `npm start` listens on: `vite` alone serves the page and passes the API's calls on. */
const LOCAL_SERVER = 'http://127.0.0.1:8000';

export default defineConfig({
  plugins: [react()],
  // The contracts come from their sources: a change of one is seen without a build in between.
  resolve: { conditions: ['@infoscreen/source', 'module', 'browser', 'development|production'] },
  build: {
    outDir: 'dist/page',
    emptyOutDir: true,
    // Read by the test that holds the first load to its budget.
    manifest: 'manifest.json',
    // Nothing inline, however small: the content security policy wants files.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    cssTarget: ['chrome123', 'firefox120', 'safari17.5'],
    chunkSizeWarningLimit: 400,
  },
  server: { proxy: { '/api': LOCAL_SERVER, '/readyz': LOCAL_SERVER } },
});
