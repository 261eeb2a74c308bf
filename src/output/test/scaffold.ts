import type { WrittenLine } from '../../operations/request-tables/unmet-parts.ts';
import { type Printable, printed } from '../escape/printable.ts';
import { createYamlLines, yaml } from '../escape/yaml.ts';

/** A request table as a file of it: a request a line, under a word on what to do with it. */
export function formatScaffold(requests: readonly WrittenLine[]): Printable {
  const onOneLine = createYamlLines();
  const lines = requests.map((request) => yaml`- ${onOneLine({ ...writtenFields(request) })}\n`);
  const list = lines.length === 0 ? yaml` []\n` : yaml`\n${lines}`;
  return printed(yaml`# What the mesh does now; keep what it ought to do.\nrequests:${list}`);
}

/** A line by the names that tables have for what it says. */
function writtenFields({ serverName, clientCertificate, speaks, expect, ...others }: WrittenLine): object {
  return {
    ...others,
    ...(serverName !== undefined && { sni: serverName }),
    ...(clientCertificate !== undefined && { clientCert: writtenCertificate(clientCertificate) }),
    ...(speaks === 'HTTP/2' && { http2: true }),
    expect,
  };
}

function writtenCertificate(shown: NonNullable<WrittenLine['clientCertificate']>): object | boolean {
  if (typeof shown === 'boolean') return shown;
  const { subjectAltNames = [], isTrusted = true } = shown;
  if (subjectAltNames.length === 0 && isTrusted) return true;
  return { ...(subjectAltNames.length > 0 && { subjectAltNames }), ...(!isTrusted && { trusted: false }) };
}
