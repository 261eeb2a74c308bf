import type { FileAccessLog, Listener, Pipe } from '../../../../envoy/api.gen.ts';
import { isIpAddress } from '../../../../util/ip-address.ts';
import { defineRule, quoteShort, type RefusalRule } from '../rule.ts';

/** A path of a Unix domain socket ends with a zero byte in 108 bytes. */
const MAX_PATH = 107;

/** As Envoy source/common/network/address_impl.cc PipeInstance. */
export const socketPaths: RefusalRule = defineRule('envoy.config.core.v3.Pipe', 'value', ({ path = '' }: Pipe, complain) => {
  const length = Buffer.byteLength(path);
  if (length > MAX_PATH) {
    complain(
      ['path'],
      `is longer than ${MAX_PATH} bytes (${length}), the most that the path of a Unix domain socket can have`,
      'write a shorter one',
    );
  }
});

/** As Envoy source/common/listener_manager/listener_impl.cc. */
export const listenerAddresses: RefusalRule = defineRule(
  'envoy.config.listener.v3.Listener',
  'value',
  ({ address, apiListener, internalListener, filterChains = [], defaultFilterChain, udpListenerConfig }: Listener, complain) => {
    if (apiListener !== undefined || internalListener !== undefined) return;
    if (address === undefined) complain(['address'], 'is missing', 'write the address');
    else if (filterChains.length === 0 && defaultFilterChain === undefined && udpListenerConfig === undefined) {
      if (address.socketAddress?.protocol !== 'UDP') complain(['filterChains'], 'is empty', 'write at least one');
    }
    const host = address?.socketAddress?.address;
    if (host !== undefined && address?.socketAddress?.resolverName === undefined && !isIpAddress(host))
      complain(['address', 'socketAddress', 'address'], `is "${host}", no IP address`, 'write an IP address');
  },
);

/** Names in a file system have at most this many bytes. */
const MAX_NAME = 255;

/** Envoy opens the file when it reads the configuration. Whether its folder exists is not known here. */
export const logFiles: RefusalRule = defineRule(
  'envoy.extensions.access_loggers.file.v3.FileAccessLog',
  'value',
  ({ path = '' }: FileAccessLog, complain) => {
    if (path.endsWith('/')) complain(['path'], `is ${quoteShort(path)}, a folder`, 'write the path of a file');
    const name = path.split('/').find((part) => Buffer.byteLength(part) > MAX_NAME);
    if (name !== undefined) complain(['path'], `has a name of more than ${MAX_NAME} bytes`, 'write a shorter one');
  },
);
