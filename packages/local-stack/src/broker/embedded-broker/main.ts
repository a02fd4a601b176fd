import { runEmbeddedBroker } from './embedded-broker.ts';
import { embeddedBrokerSettings } from './env.ts';

const settings = embeddedBrokerSettings();
const broker = await runEmbeddedBroker(settings);
console.log(`embedded MQTT broker ready on port ${settings.port}`);

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => {
    void broker.close().finally(() => process.exit(0));
  });
}
