import { isAny } from '../envoy/any.ts';
import type { RouteMatch } from '../envoy/api.gen.ts';
import { type ExpressionCompiler, matchesWhole } from '../util/re2.ts';
import { quoteMeta } from '../util/text.ts';

/**
 * The regular expression that a path template stands for: `*` is one segment, `**` any rest, `{name}`, `{name=*}` and
 * `{name=**}` are captured. Envoy source/extensions/path/uri_template_lib.
 */
export function templateRegex(template: string): string {
  let out = '';
  for (let at = 0; at < template.length; ) {
    if (template.startsWith('**', at)) {
      out += '.*';
      at += 2;
    } else if (template[at] === '*') {
      out += SEGMENT;
      at += 1;
    } else if (template[at] === '{') {
      const end = template.indexOf('}', at);
      const [name = '', pattern = '*'] = template.slice(at + 1, end === -1 ? undefined : end).split('=');
      out += `(?P<${name}>${templateRegex(pattern)})`;
      at = end === -1 ? template.length : end + 1;
    } else {
      out += quoteMeta(template[at] ?? '');
      at += 1;
    }
  }
  return out;
}

const SEGMENT = "[a-zA-Z0-9\\-._~%!$&'()+,;:@=]+";

/** Whether a path, without its query, fits a template. */
export function matchesTemplate(template: string, path: string, compile: ExpressionCompiler): boolean {
  return matchesWhole(templateRegex(template), path, compile);
}

/** The path that a template's captures give in another template. */
export function rewriteByTemplate(
  template: string,
  rewrite: string,
  path: string,
  compile: ExpressionCompiler,
): string | undefined {
  const matcher = compile(templateRegex(template))?.matcher(path);
  if (matcher === undefined || !matcher.matches()) return undefined;
  return rewrite.replaceAll(/\{([^{}]*)\}/g, (_, name: string) => matcher.group(name) ?? '');
}

/** The path template of a match. */
export function templateOf(match: RouteMatch): string | undefined {
  const config = match.pathMatchPolicy?.typedConfig;
  return isAny(config, 'type.googleapis.com/envoy.extensions.path.match.uri_template.v3.UriTemplateMatchConfig')
    ? config.pathTemplate
    : undefined;
}
