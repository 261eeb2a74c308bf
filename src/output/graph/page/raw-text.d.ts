/** The text of a file, as vite gives it and scripts/lib/raw-text.mjs in the build. */
declare module '*?raw' {
  const text: string;
  // biome-ignore lint/style/noDefaultExport: vite says so
  export default text;
}
