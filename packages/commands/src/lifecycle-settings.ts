/** Settings of the lifecycle, the same for every service. */
export interface LifecycleSettings {
  /** From the request to the start of the execution, at most: `COMMAND_TTL_SECONDS`. */
  readonly commandTtlSeconds: number;
  /** From the start of the execution to its result, at most: `COMMAND_RESULT_TIMEOUT_SECONDS`. */
  readonly resultTimeoutSeconds: number;
  /** Issued commands per client and action within the window, at most: `LOCKOUT_MAX_COMMANDS`. */
  readonly lockoutMaxCommands: number;
  readonly lockoutWindowSeconds: number;
  /** Whether commands also go out on the topic of older agents: `MQTT_LEGACY_TOPICS`. */
  readonly legacyTopics: boolean;
}
