import { Command, Option } from 'commander';
import type { InputOptions } from '../../input/options.ts';
import type { AskedRequest } from '../../operations/trace/question.ts';
import { formatNames } from '../../output/format-table.ts';
import { type TraceFormat, traceFormats } from '../../output/trace/formats.ts';
import type { CommandContext } from '../context.ts';
import { addGatewayOption, addInputOptions, CLUSTERS, collect } from '../options.ts';

export interface TraceOptions extends InputOptions, Omit<AskedRequest, 'method' | 'url' | 'claims'> {
  readonly jwtClaims?: string;
  readonly output: TraceFormat;
}

/** `mesh trace`. */
export function traceCommand({ io, finish }: CommandContext): Command {
  const command = new Command('trace')
    .description('follow a request from its client through proxies to a server: what decides at each step, and why')
    .usage('[options] --from <workload> [method] <url>')
    .argument('<method-or-url>', 'HTTP method (GET when left out)')
    .argument('[url]', 'http://, https://, tcp://host:port or tls://host:port')
    .requiredOption(
      '--from <workload>',
      'the client: pod, pod.namespace, [cluster/]namespace/pod, deployment/name, or "outside"',
    );
  return addGatewayOption(addInputOptions(command, undefined, undefined, CLUSTERS))
    .option('-H, --header <header>', "a header, 'name: value'; can be repeated", collect)
    .option('--address <ip[:port]>', 'where the connection goes, in place of what the host resolves to')
    .addOption(new Option('--http2', 'the client speaks HTTP/2').conflicts('websocket'))
    .addOption(new Option('--grpc', 'a gRPC call: HTTP/2, POST, content-type application/grpc').conflicts('websocket'))
    .option('--websocket', 'the client asks for a WebSocket')
    .option('--server-first', 'with tcp://: the client waits for the server to speak first (MySQL, SMTP)')
    .option('--sni <name>', "server name of the client's TLS (the host)")
    .option('--client-cert', "the client's own TLS shows a certificate: of its identity; from outside, one that is trusted")
    .option('--client-cert-san <name>', 'a URI or DNS name of the certificate that it shows; can be repeated', collect)
    .option('--client-cert-untrusted', 'the certificate that it shows is of an authority that nobody trusts')
    .option('--jwt-claims <file>', 'claims of a token that the request carries, a file or {...} itself; its signature is valid')
    .option('--source-ip <ip>', "the client's address")
    .addOption(new Option('-o, --output <format>', 'how to print').choices(formatNames(traceFormats)).default('text'))
    .action(async (first: string, second: string | undefined, options: TraceOptions) => {
      const { trace } = await import('../actions/trace.ts');
      finish(await trace(second === undefined ? { url: first } : { method: first, url: second }, options, io));
    });
}
