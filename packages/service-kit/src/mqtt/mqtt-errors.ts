/** There is no connection now: nothing was sent. */
export class MqttNotConnectedError extends Error {
  override readonly name = 'MqttNotConnectedError';
  constructor() {
    super('not connected to the MQTT broker');
  }
}

/** The broker did not confirm in time; whether it took the message is unknown. */
export class MqttPublishTimeoutError extends Error {
  override readonly name = 'MqttPublishTimeoutError';
  constructor(timeoutMs: number) {
    super(`the MQTT broker did not confirm within ${timeoutMs} ms`);
  }
}

/** The connection ended before the broker confirmed; whether it took the message is unknown. */
export class MqttConnectionLostError extends Error {
  override readonly name = 'MqttConnectionLostError';
  constructor() {
    super('the MQTT connection ended before the broker confirmed the message');
  }
}
