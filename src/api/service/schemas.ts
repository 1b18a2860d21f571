/** Whether the service is alive and ready. */
import { z } from 'zod';

export const health = z.object({ alive: z.boolean() }).meta({ id: 'Health' });

export const readiness = z
  .object({
    ready: z.boolean(),
    database: z.boolean().meta({ description: 'PostgreSQL answers.' }),
    temporal: z.boolean().meta({ description: 'Temporal answers.' }),
    worker: z.boolean().meta({ description: 'At least one worker polls the task queue.' }),
  })
  .meta({ id: 'Readiness' });

export const openApiDocument = z
  .looseObject({ openapi: z.string() })
  .meta({ id: 'OpenApiDocument', description: 'This document.' });
