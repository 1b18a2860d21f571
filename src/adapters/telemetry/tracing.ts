/**
 * OpenTelemetry traces: a span for each request, for each call to Temporal and for each activity. Loaded only where
 * OTEL_EXPORTER_OTLP_ENDPOINT is set. Spans hold ids, patterns and fixed identifiers: no body, no URL, no message of an error.
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
  /** Of the API. A caller's own trace is not continued: who calls from outside would choose what is kept. */
  readonly observer: RequestObserver;
  readonly clientInterceptor: WorkflowClientInterceptor;
  /** Continues the trace that the run was started, or updated, with (workflows/trace-headers.ts). */
  readonly activityInterceptors: ActivityInterceptorsFactory;
  /** Sends what is left. */
  stop(): Promise<void>;
}

export interface TracingOptions {
  /** As OTEL_EXPORTER_OTLP_ENDPOINT has it: without `/v1/traces`. */
  readonly endpoint: string;
  readonly service: string;
  readonly version: string;
}

/** A collector that does not answer keeps nobody waiting, not even who stops the process. */
const EXPORT_WITHIN_MS = 3_000;

/** Probes that come every few seconds and lead nowhere. */
const QUIET = new Set(['/healthz', '/readyz']);

/** Once a process: it becomes the process's OpenTelemetry. */
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

/** What an error says, its stack and why an operator ended a run may hold what a person typed: of an exception its type stays. */
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
