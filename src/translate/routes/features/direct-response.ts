import type { HTTPBody } from '../../../api/istio.gen.ts';
import type { DataSource } from '../../../envoy/api.gen.ts';
import { compact } from '../../../util/object.ts';
import type { RouteFeature } from '../route-input.ts';

/** Answers with a fixed status and body; a redirect goes before. As istio ApplyDirectResponse. */
export const directResponse: RouteFeature = {
  name: 'direct-response',
  build: ({ rule }) => {
    if (rule.directResponse === undefined || rule.redirect !== undefined) return {};
    const { status, body } = rule.directResponse;
    return { route: { directResponse: compact({ status: status || undefined, body: body && dataSource(body) }) } };
  },
};

function dataSource({ string, bytes }: HTTPBody): DataSource | undefined {
  if (string !== undefined) return { inlineString: string };
  if (bytes !== undefined) return { inlineBytes: bytes };
  return undefined;
}
