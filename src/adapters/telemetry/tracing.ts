/**
 * OpenTelemetry traces: a span for each request, each call to Temporal and each activity. Loaded only if
 * OTEL_EXPORTER_OTLP_ENDPOINT is set. Spans hold ids, patterns and fixed identifiers, never a body, URL or error message.
 */
import { context, propagation, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { Resource } from '@opentelemetry/resources';
import { BasicTracerProvider, BatchSpanProcessor, type SpanProcessor } from '@opentelemetry/sdk-trace-base';
import type { WorkflowClientInterceptor } from '@temporalio/client';
import {
  OpenTelemetryActivityInboundInterceptor,
  OpenTelemetryWorkflowClientInterceptor,
} from '@temporalio/interceptors-opentelemetry';
import type { ActivityInterceptorsFactory } from '@temporalio/worker';
import type { RequestObserver } from '../../ports/request';

export interface Tracing {
  /** For the API. It does not continue a caller's trace, or outside callers would decide what is sampled. */
  readonly observer: RequestObserver;
  readonly clientInterceptor: WorkflowClientInterceptor;
  /** Continues the trace of the run's start or update (workflows/trace-headers.ts). */
  readonly activityInterceptors: ActivityInterceptorsFactory;
  /** Sends the remaining spans. */
  stop(): Promise<void>;
}

export interface TracingOptions {
  /** OTEL_EXPORTER_OTLP_ENDPOINT, without `/v1/traces`. */
  readonly endpoint: string;
  readonly service: string;
  readonly version: string;
}

/** A collector that does not answer must not delay anything, not even shutdown. */
const EXPORT_WITHIN_MS = 3_000;

/** Frequent probes that are not worth a trace. */
const QUIET = new Set(['/healthz', '/readyz']);

/** Call once per process: it registers globally. */
export function startTracing({ endpoint, service, version }: TracingOptions): Tracing {
  const exporter = new OTLPTraceExporter({
    url: `${endpoint.replace(/\/+$/, '')}/v1/traces`,
    timeoutMillis: EXPORT_WITHIN_MS,
  });
  const provider = new BasicTracerProvider({
    resource: new Resource({ 'service.name': service, 'service.version': version }),
    spanProcessors: [
      withoutMessages,
      new BatchSpanProcessor(exporter, { exportTimeoutMillis: EXPORT_WITHIN_MS }),
    ],
  });
  trace.setGlobalTracerProvider(provider);
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());

  return {
    observer: observeRequests(),
    clientInterceptor: new OpenTelemetryWorkflowClientInterceptor(),
    activityInterceptors: (ctx) => ({ inbound: new OpenTelemetryActivityInboundInterceptor(ctx) }),
    stop: async () => {
      await provider.shutdown().catch(() => undefined);
      trace.disable();
      context.disable();
      propagation.disable();
    },
  };
}

function observeRequests(): RequestObserver {
  const tracer = trace.getTracer('tenure-http');
  return {
    observe(requestId, handle) {
      const span = tracer.startSpan('HTTP', {
        kind: SpanKind.SERVER,
        attributes: { 'tenure.request_id': requestId },
      });
      context.with(trace.setSpan(context.active(), span), handle);
      return ({ method, route, status, problem }) => {
        // A span that does not end is never sent.
        if (QUIET.has(route)) return;
        span.updateName(`${method} ${route}`);
        span.setAttributes({
          'http.request.method': method,
          'http.route': route,
          'http.response.status_code': status,
          ...(problem !== undefined && { 'tenure.problem': problem }),
        });
        if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
        span.end();
      };
    },
  };
}

/** Error messages, stacks and operators' reasons may contain typed text, so only an exception's type is kept. */
const withoutMessages: SpanProcessor = {
  onStart: () => {},
  onEnd: ({ status, events, attributes: ofSpan }) => {
    delete ofSpan['temporalTerminateReason'];
    delete status.message;
    for (const { attributes } of events) {
      delete attributes?.['exception.message'];
      delete attributes?.['exception.stacktrace'];
    }
  },
  forceFlush: () => Promise.resolve(),
  shutdown: () => Promise.resolve(),
};
