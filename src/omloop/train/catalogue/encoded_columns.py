"""A table's encoder as the first layer of a network, packaged with it."""

import torch

from omloop.train.catalogue.encoder import TableEncoder


class EncodedColumns(torch.nn.Module):
    """Turns rows, float32 of shape (n, places), into what a scaling `TableEncoder` makes of them: (n, `width`)."""

    def __init__(self, encoder: TableEncoder) -> None:
        super().__init__()
        for name in (
            "numbers_",
            "absent_",
            "bent_",
            "places_",
            "fill_",
            "low_",
            "high_",
            "centre_",
            "scale_",
            "knots_",
        ):
            self.register_buffer(name, torch.from_numpy(getattr(encoder, name)))
        self.register_buffer("sizes", torch.tensor(encoder.sizes, dtype=torch.float32))
        for place, table in enumerate(encoder.tables_):
            self.register_buffer(f"words_{place}", torch.from_numpy(table))
        self.columns = len(encoder.tables_)
        words = sum(table.shape[1] for table in encoder.tables_)
        self.width = len(encoder.numbers_) + len(encoder.absent_) + len(encoder.bent_) + words

    def forward(self, rows: torch.Tensor) -> torch.Tensor:
        """Encode rows."""
        parts, of = [], self.get_buffer
        if len(of("numbers_")):
            numbers = rows[:, of("numbers_")]
            numbers = torch.where(torch.isnan(numbers), of("fill_"), numbers)
            numbers = torch.maximum(torch.minimum(numbers, of("high_")), of("low_"))
            parts.append((numbers - of("centre_")) / of("scale_"))
        if len(of("absent_")):
            parts.append(torch.isnan(rows[:, of("absent_")]).to(rows.dtype))
        if len(of("bent_")):
            parts.append(torch.relu(parts[0][:, of("bent_")] - of("knots_")))
        if self.columns:
            codes = rows[:, of("places_")]
            codes = torch.where(torch.isnan(codes), of("sizes"), codes)
            places = torch.clamp(torch.minimum(codes, of("sizes")), min=0).to(torch.int64)
            parts += [of(f"words_{place}")[places[:, place]] for place in range(self.columns)]
        return torch.cat(parts, dim=1)
