import type { Counterexample, ProvenFile } from '../../operations/prove/report.ts';

/** The command that follows the request of a witness, for a shell. */
export function replayCommand(
  { question }: Pick<Counterexample, 'question'>,
  { inputFlags }: Pick<ProvenFile, 'inputFlags'>,
): string {
  const { from, method, url, header = [], gateway, address, sni, claims, sourceIp } = question;
  const words = [
    ...['mesh', 'trace', '--from', from],
    ...(method === undefined ? [] : [method]),
    url,
    ...header.flatMap((line) => ['-H', line]),
    ...(claims === undefined ? [] : ['--jwt-claims', JSON.stringify(claims)]),
    ...(gateway === undefined ? [] : ['--gateway', gateway]),
    ...(address === undefined ? [] : ['--address', address]),
    ...(sni === undefined ? [] : ['--sni', sni]),
    ...(sourceIp === undefined ? [] : ['--source-ip', sourceIp]),
    ...(question.http2 === true ? ['--http2'] : []),
    ...(question.grpc === true ? ['--grpc'] : []),
    ...(question.websocket === true ? ['--websocket'] : []),
    ...(question.serverFirst === true ? ['--server-first'] : []),
    ...(question.clientCert === true ? ['--client-cert'] : []),
    ...(question.clientCertSan ?? []).flatMap((name) => ['--client-cert-san', name]),
    ...(question.clientCertUntrusted === true ? ['--client-cert-untrusted'] : []),
    ...inputFlags,
  ];
  return words.map(quoted).join(' ');
}

/** A word as shells read it. */
function quoted(word: string): string {
  return /^[\w@%+:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
