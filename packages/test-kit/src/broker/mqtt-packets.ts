/** The few packets of MQTT 3.1.1 that a load needs, as bytes: no client library is as fast as many devices at once. */

const field = (text: string | Buffer) => {
  const bytes = Buffer.from(text);
  return Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 0xff]), bytes]);
};

function packet(firstByte: number, body: Buffer): Buffer {
  const length: number[] = [];
  let rest = body.length;
  do {
    length.push((rest & 0x7f) | (rest > 0x7f ? 0x80 : 0));
    rest >>= 7;
  } while (rest > 0);
  return Buffer.concat([Buffer.from([firstByte, ...length]), body]);
}

/** CONNECT with a clean session and no keepalive; the client id is the user name where none is given. */
export function connectPacket(username: string, password: string, clientId = username): Buffer {
  const protocol = Buffer.from([0, 4, 0x4d, 0x51, 0x54, 0x54, 4, 0xc2, 0, 0]);
  return packet(0x10, Buffer.concat([protocol, field(clientId), field(username), field(password)]));
}

/** @param messageId 1 to 65,535; only of QoS 1 */
export function publishPacket(topic: string, payload: string, qos: 0 | 1, messageId: number): Buffer {
  const id = qos === 0 ? Buffer.alloc(0) : Buffer.from([messageId >> 8, messageId & 0xff]);
  return packet(0x30 | (qos << 1), Buffer.concat([field(topic), id, Buffer.from(payload)]));
}

export const PUBACK_BYTES = 4;
