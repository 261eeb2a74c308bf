#!/usr/bin/env node
import process from 'node:process';
import { fileURLToPath } from 'node:url';

try {
  const { main } = await import('../dist/cli/main.js');
  await main();
} catch (error) {
  process.exitCode = 1;
  const folder = fileURLToPath(new URL('..', import.meta.url)).replace(/.$/, '');
  // A checkout without dist/ or without its packages; or the system opens no more files.
  if (error.code === 'ERR_MODULE_NOT_FOUND') {
    process.stderr.write(`error: mesh is not built: run "npm ci && npm run build" in ${folder}\n`);
  } else if (error.syscall !== undefined) {
    process.stderr.write(`error: mesh cannot start: ${error.message}\n`);
  } else {
    throw error;
  }
}
