import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

/** For Rolldown: `import text from './file?raw'` gives the text of the file, as vite has it. */
export const rawText = {
  name: 'raw-text',
  resolveId: {
    filter: { id: /\?raw$/ },
    handler: (source, importer) => resolve(dirname(importer), source),
  },
  load: {
    filter: { id: /\?raw$/ },
    handler: async (id) => ({
      code: `export default ${JSON.stringify(await readFile(id.replace(/\?raw$/, ''), 'utf8'))}`,
      moduleType: 'js',
    }),
  },
};
