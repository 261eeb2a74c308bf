import { isAny } from '../../envoy/any.ts';
import type { Permission, Policy, Principal, StringMatcher } from '../../envoy/api.gen.ts';
import { ALWAYS, allOf, anyOf, type Formula, NEVER, not, type TextDimension, textTest } from '../../request-space/formula.ts';
import { nothingElse } from '../../util/fields.ts';
import { compileExpression } from '../../util/re2.ts';
import { templateRegex } from '../uri-template.ts';
import { IDENTITY } from './parts.ts';
import { passesText } from './passes-text.ts';
import { headerFormula, metadataFormula, rangeFormula, stringFormula, stringTest } from './text-formulas.ts';

const PATH: TextDimension = { kind: 'path' };

/** That a policy matches. As `matchesPolicy` (trace/rbac.ts). The identity is that of a peer that `authenticated` speaks of. */
export function policyFormula({ permissions = [], principals = [] }: Policy): Formula {
  return allOf([anyOf(permissions.map(permissionFormula)), anyOf(principals.map(principalFormula))]);
}

function permissionFormula(permission: Permission): Formula {
  const { andRules, orRules, notRule, any, header, urlPath, metadata, sourcedMetadata, ...connection } = permission;
  const { destinationIp, destinationPort, destinationPortRange, requestedServerName, uriTemplate, ...extensions } = connection;
  const { matcher, ...rest } = extensions;
  nothingElse(rest);
  if (andRules !== undefined) return allOf((andRules.rules ?? []).map(permissionFormula));
  if (orRules !== undefined) return anyOf((orRules.rules ?? []).map(permissionFormula));
  if (notRule !== undefined) return not(permissionFormula(notRule));
  if (any !== undefined) return any ? ALWAYS : NEVER;
  if (header !== undefined) return headerFormula(header);
  if (urlPath !== undefined) return stringFormula(PATH, urlPath.path ?? {});
  if (destinationIp !== undefined) return rangeFormula('destinationAddress', destinationIp);
  if (destinationPort !== undefined) return portFormula(destinationPort, destinationPort + 1);
  if (destinationPortRange !== undefined) return portFormula(destinationPortRange.start ?? 0, destinationPortRange.end ?? 0);
  if (metadata !== undefined) return metadataFormula(metadata);
  if (sourcedMetadata !== undefined) return ofRequest(sourcedMetadata);
  if (requestedServerName !== undefined) return presentOrEmpty({ kind: 'serverName' }, requestedServerName);
  const template = uriTemplate?.typedConfig;
  if (isAny(template, 'type.googleapis.com/envoy.extensions.path.match.uri_template.v3.UriTemplateMatchConfig')) {
    return textTest(PATH, { kind: 'regex', expression: templateRegex(template.pathTemplate ?? '') });
  }
  return NEVER;
}

function principalFormula(principal: Principal): Formula {
  const { andIds, orIds, notId, any, header, urlPath, metadata, sourcedMetadata, filterState, ...client } = principal;
  const { authenticated, sourceIp, directRemoteIp, remoteIp, ...extensions } = client;
  const { custom, ...rest } = extensions;
  nothingElse(rest);
  if (andIds !== undefined) return allOf((andIds.ids ?? []).map(principalFormula));
  if (orIds !== undefined) return anyOf((orIds.ids ?? []).map(principalFormula));
  if (notId !== undefined) return not(principalFormula(notId));
  if (any !== undefined) return any ? ALWAYS : NEVER;
  if (authenticated !== undefined) {
    const isSecured = textTest({ kind: 'transport' }, { kind: 'exact', text: 'tls' });
    const { principalName } = authenticated;
    return principalName === undefined ? isSecured : allOf([isSecured, presentOrEmpty(IDENTITY, principalName)]);
  }
  if (sourceIp !== undefined) return rangeFormula('sourceAddress', sourceIp);
  if (directRemoteIp !== undefined) return rangeFormula('sourceAddress', directRemoteIp);
  if (remoteIp !== undefined) return rangeFormula('remoteAddress', remoteIp);
  if (header !== undefined) return headerFormula(header);
  if (urlPath !== undefined) return stringFormula(PATH, urlPath.path ?? {});
  if (metadata !== undefined) return metadataFormula(metadata);
  if (sourcedMetadata !== undefined) return ofRequest(sourcedMetadata);
  if (filterState !== undefined) {
    const { key, stringMatch } = filterState;
    return key === 'io.istio.peer_principal' && stringMatch !== undefined ? stringFormula(IDENTITY, stringMatch) : NEVER;
  }
  return NEVER;
}

function ofRequest({ metadataMatcher = {}, metadataSource = 'DYNAMIC' }: NonNullable<Permission['sourcedMetadata']>): Formula {
  return metadataSource === 'DYNAMIC' ? metadataFormula(metadataMatcher) : NEVER;
}

/** Where there is no name, the empty one is asked about. */
function presentOrEmpty(dimension: TextDimension, matcher: StringMatcher): Formula {
  const test = stringTest(matcher);
  if (test === undefined) return NEVER;
  const isEmptyRight = stringFitsEmpty(matcher);
  return isEmptyRight
    ? anyOf([textTest(dimension, test), not(textTest(dimension, { kind: 'present' }))])
    : textTest(dimension, test);
}

function stringFitsEmpty(matcher: StringMatcher): boolean {
  const test = stringTest(matcher);
  return test !== undefined && passesText(test, '', compileExpression);
}

function portFormula(start: number, end: number): Formula {
  return { kind: 'port', dimension: { kind: 'destinationPort' }, start, end };
}
