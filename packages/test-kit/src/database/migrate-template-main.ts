import { migrate } from '@infoscreen/prisma';

const url = process.argv[2];
if (url === undefined) throw new Error('Give the URL of the template database.');
await migrate({ url });
process.exit(0);
