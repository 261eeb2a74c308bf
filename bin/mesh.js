#!/usr/bin/env node
const { join } = require('node:path');
const process = require('node:process');

const root = join(__dirname, '..');

async function start() {
  try {
    const { loadProgram, setFlags } = require('./load-program.js');
    await loadProgram(join(root, 'dist')).main(setFlags);
  } catch (error) {
    process.exitCode = 1;
    // A checkout without dist/ or without its packages; or the system opens no more files.
    if (error.code === 'MODULE_NOT_FOUND') {
      process.stderr.write(`error: mesh is not built: run "npm ci && npm run build" in ${root}\n`);
    } else if (error.syscall !== undefined) {
      process.stderr.write(`error: mesh cannot start: ${error.message}\n`);
    } else {
      throw error;
    }
  }
}

start();
