/** The last part of the name of an image: `pilot` of `registry:5000/istio/pilot:latest@sha256:...`. */
export function imageName(image: string): string {
  return withoutTag(image).replace(/^.*\//, '');
}

/** The tag of an image; undefined where it has none. */
export function imageTag(image: string): string | undefined {
  const plain = withoutDigest(image);
  return withoutTag(image) === plain ? undefined : plain.slice(plain.lastIndexOf(':') + 1);
}

function withoutDigest(image: string): string {
  return image.split('@')[0] ?? '';
}

/** A colon before the last slash belongs to the port of the registry. */
function withoutTag(image: string): string {
  const plain = withoutDigest(image);
  const colon = plain.lastIndexOf(':');
  return colon > plain.lastIndexOf('/') ? plain.slice(0, colon) : plain;
}
