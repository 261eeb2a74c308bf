import type { HTTPMatchRequest } from '../../api/istio.gen.ts';
import { formatField } from '../../diagnostics/format-field.ts';
import { rewriteLeavesSlashes, rewriteLosesSlash, rewriteTakesWholePath } from '../../diagnostics/problems/virtual-services.ts';
import { at } from '../subject.ts';
import type { Analyzer } from './support/analyzer.ts';

/** Rewrites that give other paths than they look: istio core/route applies rewrite.uri to a prefix as Envoy's prefix_rewrite. */
export const rewrites: Analyzer = {
  name: 'mesh.virtualservice.Rewrites',
  about: 'Rewrites that leave two slashes, lose one, or replace the whole path',
  reads: ['VirtualService'],
  codes: [rewriteLeavesSlashes.code, rewriteLosesSlash.code, rewriteTakesWholePath.code],
  run: (reader, report) => {
    for (const resource of reader.list('VirtualService')) {
      const earlier: HTTPMatchRequest[] = [];
      (resource.spec.http ?? []).forEach(({ rewrite, match = [] }, index) => {
        match.forEach((condition, position) => {
          const path = ['spec', 'http', index, 'match', position, 'uri'];
          const { prefix, regex } = condition.uri ?? {};
          const uri = rewrite?.uri ?? '';
          if (uri.endsWith('/') && leavesSlashes(prefix) && !earlier.some((other) => takesBelow(other, prefix))) {
            report(rewriteLeavesSlashes(at(resource, path), formatField(path), prefix, uri, 'item'));
          }
          if (losesSlash(prefix, uri)) report(rewriteLosesSlash(at(resource, path), formatField(path), prefix, uri, 'item'));
          if (rewrite?.uri !== undefined && rewrite.uri !== '' && regex !== undefined && !isWholePath(regex)) {
            report(rewriteTakesWholePath(at(resource, path), formatField(path), rewrite.uri));
          }
          earlier.push(condition);
        });
      });
    }
  },
};

function leavesSlashes(prefix: string | undefined): prefix is string {
  return prefix !== undefined && prefix !== '' && !prefix.endsWith('/');
}

/** A rewrite that ends in something else than a name, such as `=` or `-`, is meant to have the rest of the path put to it. */
function losesSlash(prefix: string | undefined, uri: string): prefix is string {
  return prefix !== undefined && prefix.length > 1 && prefix.endsWith('/') && /^\/.*[\w]$/.test(uri);
}

/** Whether an earlier match takes what lies below the prefix, so that its slash goes with it. */
function takesBelow({ uri, ...others }: HTTPMatchRequest, prefix: string): boolean {
  const isPathOnly = Object.keys(others).every((key) => key === 'name');
  return isPathOnly && uri?.prefix !== undefined && `${prefix}/`.startsWith(uri.prefix);
}

/** An expression without a choice stands for one path, which is meant to be replaced. */
function isWholePath(regex: string): boolean {
  return /^\^?[\w/-]*\$?$/.test(regex);
}
