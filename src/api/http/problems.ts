/** Every error that a caller can see: one table of codes, and the error that carries a code. */
import type { StandingDefect } from '../../domain/plan-change/agent-standing';
import type { PlanChangeStage } from '../../domain/plan-change/plan-change';
import type { Ineligibility } from '../../domain/plan-change/eligibility';
import type { Language } from '../../domain/portal';
import { ResetRefusedError, UnavailableError } from '../../ports/errors';
import type { FieldError } from './field-errors';

export type Text = Readonly<Record<Language, string>>;

export interface ProblemKind {
  readonly status: number;
  readonly title: Text;
  /** What to do about it; an `AppError` may have its own detail. */
  readonly detail: Text;
}

const kind = (
  status: number,
  title: readonly [string, string],
  detail: readonly [string, string],
): ProblemKind => ({
  status,
  title: { en: title[0], es: title[1] },
  detail: { en: detail[0], es: detail[1] },
});

/** The published table (http-api.md): `code` -> status, title and detail in English and Spanish. */
export const problems = {
  malformed_json: kind(
    400,
    ['The body is not JSON', 'El cuerpo no es JSON'],
    ['Send one JSON object, encoded as UTF-8.', 'Envíe un objeto JSON codificado en UTF-8.'],
  ),
  unauthorized: kind(
    401,
    ['A valid token is needed', 'Se necesita un token válido'],
    [
      'The bearer token is missing, is for something else, or is no longer valid. Start again.',
      'El token falta, no corresponde o ya no es válido. Empiece de nuevo.',
    ],
  ),
  credentials_wrong: kind(
    401,
    ['The username or the password is wrong', 'El usuario o la contraseña no son correctos'],
    [
      'Check both; passwords are case-sensitive. A forgotten password can be reset.',
      'Revise ambos; las contraseñas distinguen mayúsculas y minúsculas. Si olvidó la contraseña, puede restablecerla.',
    ],
  ),
  password_expired: kind(
    403,
    ['The password has expired', 'La contraseña caducó'],
    ['Choose a new password, then sign in with it.', 'Elija una contraseña nueva e inicie sesión con ella.'],
  ),
  scope_missing: kind(
    403,
    ['This API key does not have the required scope', 'Esta clave de API no tiene el permiso necesario'],
    [
      'Use a key that was created with the scope this call needs.',
      'Use una clave creada con el permiso que esta llamada necesita.',
    ],
  ),
  representative_required: kind(
    403,
    ['Only the Dedicated Plan Change unit may do this', 'Solo la unidad de cambios de plan puede hacer esto'],
    [
      'Use the API key of a plan-change representative whose license is current today.',
      'Use la clave de API de un representante de cambios de plan con licencia vigente hoy.',
    ],
  ),
  role_not_allowed: kind(
    403,
    ['This person’s role does not allow this', 'La función de esta persona no permite hacer esto'],
    [
      'A staff number may do what its role on the staff roster allows, with its own plan changes. Plan changes that external agents and call centers facilitate need the API key of an intake system.',
      'Un número de empleado puede hacer lo que permite su función en la lista de personal, con sus propios cambios de plan. Los cambios que gestionan agentes y centros de llamadas externos requieren la clave de API de un sistema de recepción.',
    ],
  ),
  not_found: kind(
    404,
    ['Not found', 'No se encontró'],
    [
      'Check the path and the id; /docs has all calls.',
      'Revise la ruta y el identificador; /docs tiene todas las llamadas.',
    ],
  ),
  no_match: kind(
    404,
    ['Nobody was found', 'No se encontró a nadie'],
    [
      'Check the names and the number or address. A previous last name works too.',
      'Revise los nombres y el número o la dirección. También sirve un apellido anterior.',
    ],
  ),
  method_not_allowed: kind(
    405,
    ['This method is not available here', 'Este método no está disponible aquí'],
    ['The Allow header names the available methods.', 'La cabecera Allow indica los métodos disponibles.'],
  ),
  proof_required: kind(
    409,
    ['Identity is not proved yet', 'Falta comprobar la identidad'],
    [
      'First enter the PIN from the newest email, or answer the security questions, on this page.',
      'Primero ingrese en esta página el PIN del correo más reciente o responda las preguntas de seguridad.',
    ],
  ),
  already_proved: kind(
    409,
    ['Identity is already proved', 'La identidad ya está comprobada'],
    [
      'No further PIN is needed: choose a password now.',
      'No hace falta otro PIN: elija ahora una contraseña.',
    ],
  ),
  wrong_proof: kind(
    409,
    ['This reset needs another kind of proof', 'Este restablecimiento requiere otro tipo de comprobación'],
    [
      'Members enter an emailed PIN, brokers answer their security questions. No try was used.',
      'Los miembros ingresan un PIN recibido por correo; los agentes responden sus preguntas de seguridad. No se descontó ningún intento.',
    ],
  ),
  already_registered: kind(
    409,
    ['An account already exists', 'Ya existe una cuenta'],
    [
      'One account serves every company: sign in with it. A forgotten username or password can be recovered there.',
      'Una sola cuenta sirve para todas las compañías: inicie sesión con ella. Allí puede recuperar el usuario o la contraseña.',
    ],
  ),
  username_taken: kind(
    409,
    ['This username is taken', 'Este nombre de usuario ya está en uso'],
    [
      'Choose another one; letter case makes no difference.',
      'Elija otro; no se distinguen mayúsculas y minúsculas.',
    ],
  ),
  password_not_kept: kind(
    409,
    ['The password was not saved', 'La contraseña no se guardó'],
    ['Enter it again.', 'Ingrésela otra vez.'],
  ),
  plan_change_open: kind(
    409,
    ['The customer has an open plan change', 'El cliente tiene un cambio de plan abierto'],
    [
      'Continue with that one (planChangeId), or withdraw it first.',
      'Continúe con ese cambio (planChangeId) o retírelo primero.',
    ],
  ),
  claimed_by_other: kind(
    409,
    ['Another representative has this plan change', 'Otro representante tiene este cambio de plan'],
    [
      'Take another one, or wait until it is released. A claim ends by itself.',
      'Tome otro o espere a que se libere. La asignación termina por sí sola.',
    ],
  ),
  not_the_facilitator: kind(
    409,
    ['This plan change belongs to another internal agent', 'Este cambio de plan es de otro agente interno'],
    [
      'Only the internal agent who facilitates it can complete or refer it.',
      'Solo puede completarlo o derivarlo el agente interno que lo gestiona.',
    ],
  ),
  wrong_stage: kind(
    409,
    ['The plan change is at another stage', 'El cambio de plan no está en ese paso'],
    [
      'stage says which. The unit must claim a change before it completes it; a finished change stays as it is.',
      'stage indica cuál. La unidad debe tomar un cambio antes de completarlo; un cambio terminado ya no se modifica.',
    ],
  ),
  facilitator_not_eligible: kind(
    409,
    ['The facilitator is not eligible', 'Quien gestiona el cambio no cumple los requisitos'],
    [
      'The plan change is held, and nothing else has changed. Name another facilitator, or withdraw it. reason says what is missing.',
      'El cambio de plan está retenido y no se ha modificado nada más. Indique a otra persona o retírelo. reason indica lo que falta.',
    ],
  ),
  email_not_resendable: kind(
    409,
    ['This kind of email cannot be sent again', 'Este tipo de correo no se puede volver a enviar'],
    [
      'PINs and reminders are sent only by their own runs. A person who needs a PIN can request a new one on the reset page.',
      'Los PIN y los recordatorios solo los envía su propio proceso. Quien necesite un PIN puede pedir uno nuevo en la página del restablecimiento.',
    ],
  ),
  email_outdated: kind(
    409,
    ['It is too late for this email', 'Ya es tarde para este correo'],
    ['Its content is no longer valid.', 'Su contenido ya no es válido.'],
  ),
  email_being_sent: kind(
    409,
    ['This email is being sent', 'Este correo se está enviando'],
    [
      'No action is needed: it is retried until the mail server accepts it or it is too late. The timeline shows its progress.',
      'No hace falta hacer nada: se reintenta hasta que el servidor lo acepte o sea tarde. El historial muestra su estado.',
    ],
  ),
  request_in_progress: kind(
    409,
    ['The same request is still running', 'La misma solicitud sigue en curso'],
    [
      'Try again after the time in Retry-After.',
      'Vuelva a intentarlo después del tiempo indicado en Retry-After.',
    ],
  ),
  reset_expired: kind(
    410,
    ['This reset is over', 'Este restablecimiento terminó'],
    ['Start again from the sign-in page.', 'Empiece de nuevo desde la página de inicio de sesión.'],
  ),
  verification_expired: kind(
    410,
    ['This verification is over', 'Esta verificación terminó'],
    ['Enter the last name and the access code again.', 'Ingrese de nuevo el apellido y el código de acceso.'],
  ),
  payload_too_large: kind(
    413,
    ['The body is too large', 'El cuerpo es demasiado grande'],
    ['Send at most 64 KiB.', 'Envíe como máximo 64 KiB.'],
  ),
  unsupported_media_type: kind(
    415,
    ['The body must be JSON', 'El cuerpo debe ser JSON'],
    [
      'Send "Content-Type: application/json", as UTF-8 and not compressed.',
      'Envíe "Content-Type: application/json", en UTF-8 y sin comprimir.',
    ],
  ),
  invalid_fields: kind(
    422,
    ['Some fields are not valid', 'Algunos campos no se pueden aceptar'],
    [
      'Each entry of errors names a field and what is wrong with it.',
      'Cada entrada de errors indica un campo y su problema.',
    ],
  ),
  pin_wrong: kind(
    422,
    ['The PIN is wrong', 'Este no es el PIN'],
    ['Compare it with the newest email.', 'Compárelo con el correo más reciente.'],
  ),
  pin_superseded: kind(
    422,
    ['A newer PIN was sent', 'Se envió un PIN más reciente'],
    [
      'Use the PIN from the newest email. No try was used.',
      'Use el PIN del correo más reciente. No se descontó ningún intento.',
    ],
  ),
  answers_wrong: kind(
    422,
    ['The answers are wrong', 'Las respuestas no son correctas'],
    [
      'Letter case and spaces make no difference; both answers must be right.',
      'Las mayúsculas y los espacios no importan; ambas respuestas deben ser correctas.',
    ],
  ),
  access_code_refused: kind(
    422,
    ['The name and the access code were not accepted', 'No se aceptaron el apellido y el código de acceso'],
    [
      'Compare both with the welcome email. The help line can issue a new access code.',
      'Compare ambos con el correo de bienvenida. En la línea de ayuda puede pedir un código nuevo.',
    ],
  ),
  not_eligible: kind(
    422,
    ['This plan change is not possible', 'Este cambio de plan no es posible'],
    ['reason says why. Nothing was changed.', 'reason indica el motivo. No se ha modificado nada.'],
  ),
  password_refused: kind(
    422,
    ['This password cannot be used', 'Esta contraseña no se puede usar'],
    [
      'Each entry of errors names a rule it does not meet.',
      'Cada entrada de errors indica una regla que no cumple.',
    ],
  ),
  idempotency_key_reused: kind(
    422,
    ['This Idempotency-Key belongs to another request', 'Esta Idempotency-Key pertenece a otra solicitud'],
    ['Use a new key for a new request.', 'Use una clave nueva para una solicitud nueva.'],
  ),
  too_many_requests: kind(
    429,
    ['Too many requests', 'Demasiadas solicitudes'],
    [
      'Wait for the time in Retry-After, then try again.',
      'Espere el tiempo indicado en Retry-After e inténtelo de nuevo.',
    ],
  ),
  password_locked: kind(
    429,
    ['Too many wrong passwords in a row', 'Demasiadas contraseñas incorrectas seguidas'],
    [
      'The password is no longer accepted. Reset it, then sign in with the new one at once.',
      'La contraseña ya no se acepta. Restablézcala e inicie sesión de inmediato con la nueva.',
    ],
  ),
  reset_exhausted: kind(
    429,
    ['No tries are left', 'No quedan intentos'],
    ['Try again later, or call the help line.', 'Inténtelo más tarde o llame a la línea de ayuda.'],
  ),
  resend_too_soon: kind(
    429,
    ['A new PIN cannot be sent yet', 'Todavía no se puede enviar otro PIN'],
    [
      'Wait for the time in Retry-After; the last email may still be on its way.',
      'Espere el tiempo indicado en Retry-After; el último correo puede estar en camino.',
    ],
  ),
  internal: kind(
    500,
    ['Something went wrong on our side', 'Algo falló de nuestro lado'],
    [
      'Try again; if it happens again, report the X-Request-Id of this answer.',
      'Inténtelo de nuevo; si continúa, comunique el X-Request-Id de esta respuesta.',
    ],
  ),
  unavailable: kind(
    503,
    ['The service is temporarily unavailable', 'El servicio no puede responder en este momento'],
    [
      'Nothing is lost. Try again after the time in Retry-After.',
      'No se ha perdido nada. Inténtelo después del tiempo indicado en Retry-After.',
    ],
  ),
} as const satisfies Record<string, ProblemKind>;

export type ProblemCode = keyof typeof problems;
export const PROBLEM_CODES = Object.keys(problems) as [ProblemCode, ...ProblemCode[]];

export interface ProblemExtensions {
  readonly triesLeft?: number;
  /** For plan changes: which one is open, its stage, and why something is not possible. */
  readonly planChangeId?: string;
  readonly stage?: PlanChangeStage;
  readonly reason?: Ineligibility | StandingDefect;
}

export interface ProblemMore {
  readonly detail?: Text;
  readonly errors?: readonly FieldError[];
  /** Seconds, rounded up to a whole number of at least 1. 429 and 503 always have it. */
  readonly retryAfterSeconds?: number;
  /** Members in addition to those of RFC 9457. */
  readonly extensions?: ProblemExtensions;
  readonly allow?: readonly string[];
}

/** An error that the caller must see. Its message is only the code, never anything a person typed. */
export class AppError extends Error {
  override readonly name = 'AppError';

  constructor(
    readonly code: ProblemCode,
    readonly more: ProblemMore = {},
  ) {
    super(code);
  }
}

const RESET_REFUSALS = {
  unauthorized: 'unauthorized',
  'wrong-proof': 'wrong_proof',
  'reset-expired': 'reset_expired',
} as const satisfies Record<ResetRefusedError['reason'], ProblemCode>;

/** The error as the caller sees it; undefined for an internal fault. */
export function appErrorOf(error: unknown): AppError | undefined {
  if (error instanceof AppError) return error;
  if (error instanceof ResetRefusedError) return new AppError(RESET_REFUSALS[error.reason]);
  if (error instanceof UnavailableError) {
    return new AppError('unavailable', { retryAfterSeconds: error.retryAfterSeconds });
  }
  return undefined;
}
