// What Python has packed: text compressed as in RFC 1950, in base 64.

const CAN_UNPACK = typeof DecompressionStream === "function";

function unpack(text) {
  const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"))).text();
}
