import { runScreens } from './run-screens.ts';
import type { FromScreens, ToScreens } from './screen-messages.ts';

const screens = runScreens((message: FromScreens) => process.send?.(message));

// Nothing of a run outlives the process that started it.
process.on('disconnect', () => process.exit(0));
process.on('message', (message: ToScreens) => screens.take(message));
