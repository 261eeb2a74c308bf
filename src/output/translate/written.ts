/** Whether a file is such as one of the formats of `mesh translate` writes, by the ending of its name and by its text. */
export function isTranslateOutput(file: string, text: string): boolean {
  return file.endsWith('.json') ? isWrittenJson(text) : isWrittenYaml(text);
}

const XDS_KEYS = 'clusters,endpoints,listeners,routes';
const BOOTSTRAP_KEYS = 'admin,layeredRuntime,node,staticResources';

/**
 * Whether a text is such as one of the formats of `mesh translate` writes. Files of proxies are large, so they are not parsed: mesh
 * writes each member of the outermost object on a line of its own, and no string of JSON goes over several lines.
 */
function isWrittenJson(text: string): boolean {
  if (!text.startsWith('{\n  "') || !text.endsWith('\n}\n')) return false;
  const keys = keysAt(text, '\n  "', '":').join();
  return keys === XDS_KEYS || keys === BOOTSTRAP_KEYS || (keys === 'configs' && isWrittenDump(text));
}

/** The dump of a running Envoy tells when it got its bootstrap; ours has no times. */
function isWrittenDump(text: string): boolean {
  const start =
    '{\n  "configs": [\n    {\n      "@type": "type.googleapis.com/envoy.admin.v3.BootstrapConfigDump",\n      "bootstrap": {\n';
  if (!text.startsWith(start)) return false;
  const end = '\n      }';
  return text.startsWith(`${end}\n    }`, text.indexOf(end, start.length - 1));
}

function isWrittenYaml(text: string): boolean {
  return text.startsWith('clusters:') && keysAt(`\n${text}`, '\n', ':').join() === XDS_KEYS;
}

/** The keys that stand after each `start`, which begins a line, up to `end`; sorted. Entries of lists are none. */
function keysAt(text: string, start: string, end: string): readonly string[] {
  const keys: string[] = [];
  for (let at = text.indexOf(start); at >= 0; at = text.indexOf(start, at + start.length)) {
    const from = at + start.length;
    const next = text.charAt(from);
    if (next === '' || next === ' ' || next === '-') continue;
    const line = text.slice(from, Math.max(from, text.indexOf('\n', from)));
    keys.push(line.slice(0, Math.max(0, line.indexOf(end))));
  }
  return keys.sort();
}
