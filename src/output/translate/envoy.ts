import { configDump } from '../config-dump.ts';
import { printedJson } from '../escape/json.ts';
import { staticBootstrap } from '../static-bootstrap.ts';
import { type PrinterOptions, type ProxyPrinter, singleProxyPrinter } from './proxy-printer.ts';

/** What Envoy's admin endpoint would show. */
export function configDumpPrinter(): ProxyPrinter {
  return singleProxyPrinter(({ snapshot, bootstrap }) => ({
    content: printedJson(configDump(snapshot, bootstrap(), { withStatic: true })),
    warnings: [],
  }));
}

/** A bootstrap that a stock Envoy loads. */
export function envoyPrinter({ withSecrets }: PrinterOptions): ProxyPrinter {
  return singleProxyPrinter(({ name, snapshot, bootstrap: ofAgent, identity, secretOf }) => {
    const { node = {}, admin } = ofAgent();
    const { bootstrap, leftOut, standIns } = staticBootstrap(snapshot, {
      node,
      identity,
      localhost: admin?.address?.socketAddress?.address,
      secretOf,
      withInlineKeys: withSecrets,
    });
    const warnings = [
      ...(leftOut.length > 0 ? [`${name}: left out, since only istio-proxy has them: ${leftOut.join(', ')}`] : []),
      ...(standIns.length > 0
        ? [`${name}: stand-in certificates, which nobody should trust, replace the secrets ${standIns.join(', ')}`]
        : []),
    ];
    return { content: printedJson(bootstrap), warnings };
  });
}
