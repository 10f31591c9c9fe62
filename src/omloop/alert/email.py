"""Alerts by e-mail, over SMTP."""

import email.message
import email.utils
import logging
import smtplib
import ssl
from dataclasses import dataclass
from pathlib import Path

from omloop.alert.alert import Alert, as_json
from omloop.alert.section import Section, secret_in
from omloop.core import OmloopError

TIMEOUT_S = 10.0
SECURITY = ("starttls", "tls", "none")
PORTS = {"starttls": 587, "tls": 465, "none": 25}
LOG = logging.getLogger("omloop.alert")


@dataclass(frozen=True)
class EmailSink:
    """Sends each alert as a message of plain text.

    `security` is `starttls`, `tls` from the first byte, or `none`. It checks certificates, and never falls back to
    plain text because a server offers no more. The password of `user` is in an environment variable.
    """

    host: str
    port: int
    sender: str
    to: tuple[str, ...]
    security: str = "starttls"
    user: str = ""
    password_variable: str = ""

    def send(self, alert: Alert) -> None:
        """Send it; raises OmloopError when the server did not take it."""
        password = secret_in(self.password_variable) if self.user else ""
        try:
            with self._connected() as server:
                if self.user:
                    server.login(self.user, password)
                refused = server.send_message(self._message(alert))
        except smtplib.SMTPResponseException as error:
            raise OmloopError(f"{self.host} answered {error.smtp_code} ({type(error).__name__}).") from None
        except smtplib.SMTPException as error:
            raise OmloopError(f"{self.host} did not take the message ({type(error).__name__}).") from None
        except OSError as error:
            raise OmloopError(f"{self.host} cannot be reached: {error.strerror or type(error).__name__}.") from None
        if refused:
            LOG.warning("%s refused %d of %d recipients of an alert", self.host, len(refused), len(self.to))

    def _connected(self) -> smtplib.SMTP:
        if self.security == "tls":
            return smtplib.SMTP_SSL(self.host, self.port, timeout=TIMEOUT_S, context=ssl.create_default_context())
        server = smtplib.SMTP(self.host, self.port, timeout=TIMEOUT_S)
        if self.security == "starttls":
            try:
                server.starttls(context=ssl.create_default_context())
            except BaseException:
                server.close()
                raise
        return server

    def _message(self, alert: Alert) -> email.message.EmailMessage:
        message = email.message.EmailMessage()
        message["Subject"] = f"[omloop] {alert.project}: {alert.rule} is {alert.state} ({alert.severity})"
        message["From"] = self.sender
        message["To"] = ", ".join(self.to)
        message["Date"] = email.utils.formatdate(alert.time)
        message["Message-ID"] = f"<{alert.id}.{alert.state}@omloop.invalid>"
        message["Auto-Submitted"] = "auto-generated"
        lines = "\n".join(f"{name}: {value}" for name, value in as_json(alert).items())
        message.set_content(f"{lines}\n")
        return message


def email_sink(section: Section, home: Path) -> EmailSink:
    """The sink that a section describes."""
    section.only("host", "port", "from", "to", "security", "user", "password_variable")
    security = section.choice("security", SECURITY, "starttls")
    user, variable = section.text("user"), section.text("password_variable")
    if bool(user) != bool(variable):
        raise section.refusal("user and password_variable need each other.")
    if user and security == "none":
        raise section.refusal("a password is not sent in the clear. Take security: starttls or tls.", "security")
    return EmailSink(
        host=section.needed("host"),
        port=section.whole("port", PORTS[security]),
        sender=section.needed("from"),
        to=section.names("to", needed=True),
        security=security,
        user=user,
        password_variable=variable,
    )
