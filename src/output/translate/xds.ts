import type { CompiledProxy } from '../../operations/translate/compiled-proxy.ts';
import { printedJson, printedJsonText } from '../escape/json.ts';
import { plain } from '../escape/plain.ts';
import { type PrintableBytes, printed } from '../escape/printable.ts';
import { concatenatedBytes, encode } from '../escape/private-keys.ts';
import { formatGoYaml, formatGoYamlWithin } from '../go-yaml.ts';
import { createXdsPrinter, resourcesOfSnapshot } from '../xds-json.ts';
import { nothing, type PrinterOptions, type ProxyPrinter } from './proxy-printer.ts';

/** The xDS of proxies as JSON: over many lines to a stream, a line for each resource in files. */
export function xdsJsonPrinter({ toFiles }: PrinterOptions): ProxyPrinter {
  const printer = createXdsPrinter(toFiles ? 'a line each' : 'indented');
  const partsOf = ({ snapshot }: CompiledProxy, depth: number): readonly PrintableBytes[] =>
    printer.parts(resourcesOfSnapshot(snapshot, 'by name'), depth);
  return {
    isSingle: false,
    extension: 'json',
    file: (proxy) => ({ content: [...partsOf(proxy, 0), encode(printed(plain`\n`))], warnings: [] }),
    stream: {
      before: printed(plain`{\n  "proxies": {`),
      after: printed(plain`\n  }\n}\n`),
      empty: printed(plain`{\n  "proxies": {}\n}\n`),
      opening: ({ name }, isFirst) => printedJsonText(`${isFirst ? '' : ','}\n    ${JSON.stringify(name)}: `),
      member: (proxy) => concatenatedBytes(partsOf(proxy, 2)),
    },
    ztunnel: {
      file: (config) => printedJson(config),
      after: (config, withoutProxies) => {
        const [before, after] = withoutProxies ? ['{\n  "proxies": {', '}'] : ['', '\n  }'];
        const text = JSON.stringify(config, undefined, 2).replaceAll('\n', '\n  ');
        return printedJsonText(`${before}${after},\n  "ztunnel": ${text}\n}\n`);
      },
    },
  };
}

/** The xDS of proxies as YAML. */
export function xdsYamlPrinter(): ProxyPrinter {
  return {
    isSingle: false,
    extension: 'yaml',
    file: (proxy) => ({ content: formatGoYaml(plainResources(proxy)), warnings: [] }),
    stream: {
      before: printed(plain`proxies:\n`),
      after: nothing,
      empty: printed(plain`proxies: {}\n`),
      opening: () => nothing,
      member: (proxy) => formatGoYamlWithin({ [proxy.name]: plainResources(proxy) }, '  '),
    },
    ztunnel: {
      file: formatGoYaml,
      after: (config, withoutProxies) => formatGoYaml(withoutProxies ? { proxies: {}, ztunnel: config } : { ztunnel: config }),
    },
  };
}

/** The resources without the origins that they carry under symbols. */
function plainResources({ snapshot }: CompiledProxy): unknown {
  return JSON.parse(JSON.stringify(resourcesOfSnapshot(snapshot, 'by name')));
}
